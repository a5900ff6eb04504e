/* SPDX-License-Identifier: MIT */
/* values.c - which text is a value of an option, and in which form it is kept */
#include <config.h>

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fs/fs.h"
#include "util/util.h"

int option_bool(const char *value)
{
	static const char *const words[] = { "no",  "yes", "false", "true",
					     "off", "on",  "0",	    "1" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcasecmp(value, words[i]))
			return (int)(i & 1);
	}
	return -1;
}

/* A decimal number, with OPTION_SIZE also one of K, M, G behind it. */
static bool parse_int(const char *value, uint32_t use, int64_t *out)
{
	long long n;
	char *end;
	int shift = 0;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (end == value || errno || strchr(" \t+", *value))
		return false;
	if (use & OPTION_SIZE) {
		if (*end && strchr("KMG", *end))
			shift = *end == 'K' ? 10 : *end == 'M' ? 20 : 30;
		end += shift != 0;
		if (n < 0 || n > INT64_MAX >> shift)
			return false;
	}
	if (use & OPTION_NATURAL && (n < 0 || n > OPTION_NATURAL_MAX))
		return false;
	*out = (int64_t)n * (INT64_C(1) << shift);
	return !*end;
}

/* One that can be fetched: also "file:/path", and "file://localhost/path". */
static bool is_url(const char *value)
{
	static const char *const schemes[] = { "https://", "http://", "file:///",
					       "file://localhost/" };

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		size_t n = strlen(schemes[i]);

		if (!strncasecmp(value, schemes[i], n) && value[n])
			return true;
	}
	return !strncasecmp(value, "file:/", 6) && value[6] && value[6] != '/';
}

/*
 * Any other address, "ftp://host/x", "user:pw@host" or "//user:pw@host/x": taken for a path it
 * would be looked for here, and be shown whole.
 */
static bool is_address(const char *value)
{
	size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789+.-");

	if (value[n] == ':' && value[n + 1] == '/')
		return n > 1;
	if (value[n] == ':' && n)
		return memchr(value, '@', strcspn(value, "/?#"));
	return value[0] == '/' && value[1] == '/' &&
	       memchr(value, '@', 2 + strcspn(value + 2, "/?#"));
}

/* A shell would have made a home directory of it; "./~" is what is called so. */
static int check_tilde(const char *value, struct venv_error *err)
{
	if (*value != '~')
		return 0;
	error_set(err, VENV_ERR_CONFIG, "'~' is not expanded");
	return error_hint(err, VENV_ERR_CONFIG,
			  "write the whole path; a name that begins with '~' is written "
			  "'./~...'");
}

static int check_choice(const struct venv_option *def, const char *value,
			struct venv_error *err)
{
	struct suggest s = SUGGEST_INIT(value);
	_cleanup_str_ struct str list = STR_INIT;

	for (const char *const *c = def->choices; c && *c; c++) {
		if (!strcmp(*c, value))
			return 0;
		suggest_offer(&s, *c);
		str_addf(&list, "%s%s", list.len ? ", " : "", *c);
	}
	error_set(err, VENV_ERR_CONFIG, "expected one of: %s", str_text(&list));
	if (s.best)
		error_hint(err, VENV_ERR_CONFIG, "did you mean '%s'?", s.best);
	return VENV_ERR_CONFIG;
}

static bool is_sha256(const char *value)
{
	return strlen(value) == 64 && strspn(value, "0123456789abcdefABCDEF") == 64;
}

int option_check(struct arena *a, const struct venv_option *def, uint32_t use,
		 const char *value, const char *dir, const char **out,
		 struct venv_error *err)
{
	char *copy = NULL;
	int64_t number;
	int b;

	/* An empty text can be meant (a prompt); nothing else can be empty. */
	if (!*value && def->type != VENV_OPTION_STRING)
		return error_set(err, VENV_ERR_CONFIG, "expected a value");
	switch (def->type) {
	case VENV_OPTION_BOOL:
		b = option_bool(value);
		if (b < 0)
			return error_set(err, VENV_ERR_CONFIG, "expected yes or no");
		*out = b ? "yes" : "no";
		return 0;
	case VENV_OPTION_INT:
		if (!parse_int(value, use, &number))
			return error_set(err, VENV_ERR_CONFIG, "expected a number%s",
					 use & OPTION_SIZE
						 ? ", which may end in K, M or G"
					 : use & OPTION_NATURAL ? " from 0 to 1000000"
								: "");
		copy = arena_printf(a, "%" PRId64, number);
		break;
	case VENV_OPTION_CHOICE:
		if (check_choice(def, value, err))
			return VENV_ERR_CONFIG;
		copy = arena_strdup(a, value);
		break;
	case VENV_OPTION_SHA256:
		if (!is_sha256(value))
			return error_set(
				err, VENV_ERR_CONFIG,
				"expected the 64 hexadecimal digits of a SHA-256");
		copy = arena_strdup(a, value);
		for (char *p = copy; p && *p; p++)
			*p |= 0x20;
		break;
	case VENV_OPTION_URL:
		if (!is_url(value))
			return error_set(err, VENV_ERR_CONFIG,
					 "expected a URL with https:, http: or file:");
		copy = arena_strdup(a, value);
		break;
	case VENV_OPTION_LOCATION:
		if (!is_url(value) && is_address(value))
			return error_set(
				err, VENV_ERR_CONFIG,
				"expected a path, or a URL with https:, http: or "
				"file:");
		if (check_tilde(value, err))
			return VENV_ERR_CONFIG;
		copy = is_url(value) ? arena_strdup(a, value)
				     : path_absolute(a, dir, value);
		break;
	case VENV_OPTION_PATH:
		if (is_address(value))
			return error_set(err, VENV_ERR_CONFIG,
					 "expected a path, not an address");
		if (check_tilde(value, err))
			return VENV_ERR_CONFIG;
		copy = path_absolute(a, dir, value);
		break;
	default:
		if ((use & (OPTION_HOSTS | OPTION_PATTERNS)) &&
		    option_check_host(value, use & OPTION_PATTERNS, err))
			return VENV_ERR_CONFIG;
		copy = arena_strdup(a, value);
		break;
	}
	*out = copy;
	return copy ? 0 : error_nomem(err);
}
