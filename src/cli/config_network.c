/* SPDX-License-Identifier: MIT */
/* config_network.c - config check: the proxy, and the certificates that are to be trusted */
#include <config.h>

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include "config_cmd.h"
#include "fs/fs.h"

#define BEGIN "-----BEGIN "
#define END   "-----END "

/* Does a good address of a proxy say the port, or is it the same for all who read it? */
static bool has_port(const char *proxy)
{
	const char *host, *at;
	size_t n;

	if (strstr(proxy, "://") && strncasecmp(proxy, "http:", 5) != 0)
		return true;
	host = proxy_host(proxy, &n);
	at = memrchr(host, ':', n);
	return at && !memchr(at, ']', n - (size_t)(at - host));
}

void check_proxy(struct checking *x, const struct value *v, const char *proxy)
{
	struct venv_error err = VENV_ERROR_INIT;

	/* Its address is not shown: who mistypes one mistypes where its password ends. */
	if (!option_check_proxy(proxy, &err)) {
		if (!has_port(proxy))
			check_warn(
				x, &v->origin, NULL,
				"'%s' has no port: venvctl takes 1080 then, and pip 80",
				v->key);
		return;
	}
	error_prefix(&err, err.code, "'%s' is the address of no proxy", v->key);
	check_fault(x, v, &err);
}

/* The bytes that the base64 of TEXT..END stands for; -1: it is none. The first go to HEAD. */
static ssize_t decode(const char *text, const char *end, unsigned char head[4])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	size_t n = 0, pads = 0;
	uint32_t bits = 0;

	for (; text < end; text++) {
		const char *digit = strchr(digits, *text);

		if (strchr("\r\n\t ", *text))
			continue;
		if (*text == '=' ? ++pads > 2 : !*text || !digit || pads)
			return -1;
		bits = bits << 6 | (*text == '=' ? 0 : (uint32_t)(digit - digits));
		if (++n == 4 || n == 8) {
			size_t at = n == 4 ? 0 : 3;

			for (int i = 16; i >= 0 && at < 4; i -= 8)
				head[at++] = (unsigned char)(bits >> i);
		}
	}
	return n % 4 || n < 8 ? -1 : (ssize_t)(n / 4 * 3 - pads);
}

/* Is it one sequence of DER that is as long as it says?  What a certificate says is for OpenSSL. */
static bool is_whole(const char *text, const char *end)
{
	unsigned char head[4] = { 0 };
	ssize_t n = decode(text, end, head);

	if (n < 0 || head[0] != 0x30)
		return false;
	if (head[1] == 0x82)
		return n == 4 + (head[2] << 8 | head[3]);
	return head[1] == 0x81 ? n == 3 + head[2] : head[1] < 0x80 && n == 2 + head[1];
}

/* "-----BEGIN CERTIFICATE-----" and its older names, at P. */
static bool is_certificate(const char *p)
{
	static const char *const names[] = { "CERTIFICATE", "X509 CERTIFICATE",
					     "TRUSTED CERTIFICATE" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t n = strlen(names[i]);

		if (!strncmp(p + strlen(BEGIN), names[i], n) &&
		    !strncmp(p + strlen(BEGIN) + n, "-----", 5))
			return true;
	}
	return false;
}

static unsigned line_of(const char *text, const char *p)
{
	unsigned line = 1;

	for (; text < p; text++)
		line += *text == '\n';
	return line;
}

/* NULL, or what is wrong with the certificates in TEXT, with the line in *LINE. */
static const char *fault_of(const char *text, unsigned *line)
{
	size_t n = 0;
	const char *p = text;

	for (; (p = strstr(p, BEGIN)); p++) {
		const char *body, *end;

		if ((p > text && p[-1] != '\n') || !is_certificate(p))
			continue;
		*line = line_of(text, p);
		body = p + strcspn(p, "\n");
		end = strstr(body, END);
		if (!end)
			return "the certificate has no end";
		/* With trust settings of OpenSSL behind it, it is longer than it says. */
		if (strncmp(p + strlen(BEGIN), "TRUSTED", 7) != 0 && !is_whole(body, end))
			return "the certificate is damaged";
		n++;
	}
	*line = 0;
	return n ? NULL
		 : "there is no certificate in it (expected PEM: -----BEGIN "
		   "CERTIFICATE-----)";
}

void check_ca_file(struct checking *x, const struct value *v, const char *path)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct str text = STR_INIT;
	const char *why;
	unsigned line = 0;
	int r;

	if (!check_is_there(x, v, path))
		return;
	check_access(x, &v->origin, true, v->key, path);
	r = file_read_at(AT_FDCWD, path, 64u << 20, &text);
	why = r ? NULL : fault_of(str_text(&text), &line);
	if (r)
		error_errno(&err, -r, "'%s' names '%s'", v->key, path);
	else if (why && line)
		error_set(&err, VENV_ERR_CONFIG, "'%s' names '%s': line %u: %s", v->key,
			  path, line, why);
	else if (why)
		error_set(&err, VENV_ERR_CONFIG, "'%s' names '%s': %s", v->key, path,
			  why);
	if (r || why)
		check_fault(x, v, &err);
	str_release(&text);
}
