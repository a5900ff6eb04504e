/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fs.h"

#include <inttypes.h>
#include <stdio.h>

void stamp_add(struct str *out, const struct stamp *s)
{
	str_addf(out, "%" PRIx64 ":%" PRIx64 ":%" PRIx64 ":%" PRIx64 ":%" PRIx64, s->dev,
		 s->ino, (uint64_t)s->size, (uint64_t)s->mtime_ns, (uint64_t)s->ctime_ns);
}

bool stamp_parse(const char *text, struct stamp *s)
{
	uint64_t size, mtime, ctime;

	if (sscanf(text, "%" SCNx64 ":%" SCNx64 ":%" SCNx64 ":%" SCNx64 ":%" SCNx64,
		   &s->dev, &s->ino, &size, &mtime, &ctime) != 5)
		return false;
	s->size = (int64_t)size;
	s->mtime_ns = (int64_t)mtime;
	s->ctime_ns = (int64_t)ctime;
	return true;
}
