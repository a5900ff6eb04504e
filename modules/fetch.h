/* SPDX-License-Identifier: MIT */
/* fetch.h - files over HTTPS (libcurl); the table of the module "fetch" */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Lower-case hexadecimal digits of a SHA-256 and a NUL. */
#define FETCH_DIGEST_SIZE  65
#define FETCH_MESSAGE_SIZE 1024
#define FETCH_ETAG_SIZE	   256

enum fetch_status {
	FETCH_OK,
	FETCH_NOT_MODIFIED, /* what the request's etag names is still what is there */
	FETCH_CANCELLED,
	FETCH_NETWORK,	   /* it could not be had; trying again later may help */
	FETCH_INTEGRITY,   /* what came cannot be trusted: redirect, size */
	FETCH_CERTIFICATE, /* who answered cannot be trusted */
	FETCH_BAD_URL,	   /* not a URL that can be fetched at all */
	FETCH_HTTP,	   /* plain http, and the host is not one of http_hosts */
	FETCH_HOST,	   /* the host is not one of allowed_hosts */
	FETCH_WRITE,	   /* the file could not be written: errnum */
	FETCH_NOMEM
};

/* Where a file may come from.  Lists end with NULL; an item is HOST or HOST:PORT. */
struct fetch_rules {
	const char *const *allowed_hosts; /* NULL: any */
	const char *const *http_hosts;	  /* NULL: none */
};

/* How a URL is shown and what a file of it is called: never with what is secret in it. */
struct fetch_url {
	char shown[512]; /* without user, password, query and fragment */
	char name[256];	 /* last segment of the path; "" if there is none */
	const char *why; /* of one that is refused: the reason, a constant; else NULL */
};

struct fetch_request {
	const char *url;
	struct fetch_rules rules;
	const char *ca_file;  /* NULL: the system's certificates */
	const char *proxy;    /* NULL: by the environment below; "" for none */
	const char *no_proxy; /* hosts that get none; NULL for none of these */
	const char *user_agent;
	const char *const *env; /* where *_proxy is looked for */
	long connect_timeout, stall_timeout,
		timeout; /* seconds; the last for everything */
	int64_t max_size;
	int retries;
	const char *etag; /* of a copy that is there; NULL for none */
	int fd;		  /* an empty file; emptied again before another try */
	/* Not 0 stops.  TOTAL is -1 where the server does not say.  At least every 0.1 s. */
	int (*progress)(void *data, int64_t got, int64_t total);
	/* Before another try: what went wrong, and after how many seconds. */
	void (*retrying)(void *data, const char *message, long seconds);
	void *data;
};

struct fetch_result {
	int errnum; /* of FETCH_WRITE */
	int64_t size;
	char sha256[FETCH_DIGEST_SIZE];
	char etag[FETCH_ETAG_SIZE]; /* "" if there was none, or too long a one */
	char refused[512];  /* of FETCH_HOST: the address that is, as it is shown */
	char answered[512]; /* the address that a redirect led to, as it is shown */
	int unknown_issuer; /* of FETCH_CERTIFICATE: other trusted ones may help */
	char message
		[FETCH_MESSAGE_SIZE]; /* of a failure: why, without the URL's secrets */
};

/*
 * Functions return an enum fetch_status; MESSAGE has FETCH_MESSAGE_SIZE bytes and
 * is set when that is not FETCH_OK.
 */
struct fetch_module {
	/* Judge a URL without opening a connection. */
	int (*check)(const char *url, const struct fetch_rules *rules,
		     struct fetch_url *out, char *message);
	/*
	 * Get a file into request->fd, in up to retries + 1 tries.  A file descriptor
	 * holds what came only if the result is FETCH_OK; it was hashed while it was
	 * written.
	 */
	int (*get)(const struct fetch_request *request, struct fetch_result *result);
	/* The digest of a text, as get has it of a file; false when memory ran out. */
	int (*digest)(const char *text, char *sha256);
	/* Copy all of FROM to TO (-1: only hash it): 0 or -errno, with the digest. */
	int (*copy)(int from, int to, char *sha256);
};
