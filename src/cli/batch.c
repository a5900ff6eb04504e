/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "batch.h"

#include <stdio.h>

#include "cli.h"

static struct answer *answer_of(struct batch *b, size_t at)
{
	return &b->answers[at % ARRAY_SIZE(b->answers)];
}

bool batch_next(struct batch *b, size_t *at)
{
	if (b->over || b->next == b->n || b->next - b->told == ARRAY_SIZE(b->answers))
		return false;
	*at = b->next++;
	return true;
}

static void tell(struct str *text)
{
	/* Each line in one write, however many processes print into one file. */
	if (text->len)
		fwrite(str_text(text), 1, text->len, ui_out());
	if (text->len)
		fflush(ui_out());
	ui_results.starved |= str_failed(text);
	str_release(text);
}

void batch_done(struct batch *b, size_t at, int status, struct str *text)
{
	struct answer *a = answer_of(b, at);

	*a = (struct answer){ .text = *text, .done = true };
	*text = (struct str)STR_INIT;
	if (status > 0 && (!b->first || at < b->first_at)) {
		b->first = status;
		b->first_at = at;
	}
	b->over |= (status && !b->keep_going) || signals_came();
	while (b->told < b->next && (a = answer_of(b, b->told))->done) {
		tell(&a->text);
		*a = (struct answer){ 0 };
		b->told++;
	}
}
