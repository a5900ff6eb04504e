/* SPDX-License-Identifier: MIT */
/* fetch_transfer.h - one exchange with one server: libcurl set up, run, and understood */
#pragma once

#include <curl/curl.h>

#include "fetch.h"
#include "sha256.h"

#define TICK_MS 50

/* One download, over all its tries. */
struct fetch {
	const struct fetch_request *q;
	struct fetch_result *r;
	CURL *curl;
	CURLM *multi;
	struct sha256 hash;
	char error[CURL_ERROR_SIZE];
	char shown[512];	  /* the address that is being fetched */
	const char *certificates; /* a file with those to trust; NULL: libcurl's own */
	const char *proxy;	  /* it is asked for; NULL for none */
	const char *address;	  /* that is being fetched, whole */
	int64_t deadline;
	int status; /* set by a callback that stopped the transfer, else FETCH_OK */
};

int64_t fetch_now(void); /* milliseconds of a clock that nobody sets */

/* Set the message; returns STATUS. */
int fetch_fail(struct fetch *f, int status, const char *why);

/* Tell of the progress; not 0 if it is to stop. */
int fetch_stopped(struct fetch *f, int64_t total);

/* Everything that holds for each address, with MS left in all; then the address. */
int fetch_set_up(struct fetch *f, struct curl_slist *headers, long ms);
int fetch_set_address(struct fetch *f, const char *url);

/* curl_easy_perform() that asks often whether to stop. */
CURLcode fetch_transfer(struct fetch *f);

/* What may be over in a moment: a broken connection, a server or proxy that is busy. */
int fetch_is_passing(struct fetch *f, CURLcode r, long code);

/* A failure as a status with its message: of the transfer, or by the server's answer. */
int fetch_told(struct fetch *f, CURLcode r);
int fetch_told_code(struct fetch *f, long code);
