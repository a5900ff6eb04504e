/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "supervisor_messages.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* What each message begins with. */
struct head {
	uint32_t kind;
	int32_t status;
	uint64_t target;
};

/* Room for one descriptor, aligned as the kernel wants it. */
union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

/* FD goes along unless it is -1. */
static bool send_message(int socket, struct head head, const char *text, size_t len,
			 int fd)
{
	struct iovec iov[2] = { { &head, sizeof(head) },
				{ (void *)(uintptr_t)text, len } };
	union control control = { 0 };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	if (fd >= 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control.room);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	}
	while (sendmsg(socket, &m, MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			return false;
	}
	return true;
}

bool message_make(int socket, size_t target)
{
	return send_message(socket,
			    (struct head){ .kind = MESSAGE_MAKE, .target = target }, NULL,
			    0, -1);
}

bool message_lock(int socket, int fd)
{
	return send_message(socket, (struct head){ .kind = MESSAGE_LOCK }, NULL, 0, fd);
}

bool message_text(int socket, const char *text, size_t len)
{
	bool sent = true;

	for (size_t at = 0; at < len; at += MESSAGE_TEXT_MAX)
		sent &= send_message(
			socket, (struct head){ .kind = MESSAGE_TEXT }, text + at,
			len - at < MESSAGE_TEXT_MAX ? len - at : MESSAGE_TEXT_MAX, -1);
	return sent;
}

bool message_done(int socket, int status)
{
	return send_message(socket,
			    (struct head){ .kind = MESSAGE_DONE, .status = status }, NULL,
			    0, -1);
}

int message_receive(int socket, int flags, struct message *m)
{
	struct head head;
	struct iovec iov[2] = { { &head, sizeof(head) }, { m->text, sizeof(m->text) } };
	union control control;
	struct msghdr msg = { .msg_iov = iov,
			      .msg_iovlen = 2,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control.room) };
	ssize_t n = recvmsg(socket, &msg, flags | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c;

	if (n < 0)
		return -errno;
	if (n < (ssize_t)sizeof(head))
		return 0;
	m->kind = head.kind;
	m->status = head.status;
	m->target = (size_t)head.target;
	m->len = (size_t)n - sizeof(head);
	m->fd = -1;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&m->fd, CMSG_DATA(c), sizeof(m->fd));
	return 1;
}
