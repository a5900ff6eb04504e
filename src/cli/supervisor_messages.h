/* SPDX-License-Identifier: MIT */
/*
 * supervisor_messages.h - what passes between the tool and the children that make environments
 *
 * Messages go over a pair of sockets (SOCK_SEQPACKET), one pair for each child.  The child is
 * told the number of a target, and answers with the locks that it takes, with parts of what
 * belongs on standard output, and with one exit status, which is its last word about that
 * target.  What the tool has to know of a child that ended without a word is in a shared page.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli.h"

/* Written by the child, read by the tool when the child is gone. */
struct page {
	pid_t pid;	 /* of the child */
	char plugin[64]; /* whose code runs, or ran last */
	char hook[32];
	char why[2048]; /* the environment is undone, "" while it is not */
	bool inside;	/* the hook runs */
	bool finished;	/* the environment is complete: nothing is undone any more */
	struct ui_line line;
};

enum message_kind {
	MESSAGE_MAKE, /* to the child: the number of a target */
	MESSAGE_LOCK, /* with a descriptor of what was locked */
	MESSAGE_TEXT, /* a part of what belongs on standard output */
	MESSAGE_DONE  /* the target's exit status: the last word about it */
};

/* A message has one part of a text at most. */
#define MESSAGE_TEXT_MAX 32768u

/* A message that came. */
struct message {
	enum message_kind kind;
	size_t target; /* MAKE */
	int fd;	       /* LOCK, for the receiver to close; else -1 */
	int status;    /* DONE */
	size_t len;    /* TEXT */
	char text[MESSAGE_TEXT_MAX];
};

/* Send it; false if it did not go: nobody has the other end any more. */
bool message_make(int socket, size_t target);
bool message_lock(int socket, int fd);
bool message_text(int socket, const char *text, size_t len);
bool message_done(int socket, int status);

/* Receive one, with FLAGS of recvmsg(2): 1, 0 (nobody has the other end any more) or -errno. */
int message_receive(int socket, int flags, struct message *m) _must_check_;
