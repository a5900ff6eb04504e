// SPDX-License-Identifier: MIT
// hello-cpp - a plugin in C++: c++ -std=c++20 -shared -fPIC hello-cpp.cc -o hello-cpp.so
#include <venvctl/plugin.h>

#include <new>
#include <string>

namespace {

class Hello {
public:
	Hello(const venv_host *host, venv_session *session, const venv_context *ctx)
		: host(host), session(session), ctx(ctx)
	{
	}

	int seed() const
	{
		const std::string text = std::string("hello from C++, ") + ctx->prompt + "\n";

		return host->write_file(session, "hello-cpp", text.data(), text.size(), 0666);
	}

private:
	const venv_host *host;
	venv_session *session;
	const venv_context *ctx;
};

// No exception may leave a hook: the host is C.
int open(const venv_host *host, venv_session *session, const venv_context *ctx, void **data)
{
	*data = new (std::nothrow) Hello(host, session, ctx);
	return *data ? VENV_OK : VENV_ERR_NOMEM;
}

void close(void *data, int)
{
	delete static_cast<Hello *>(data);
}

int seed(void *data)
{
	try {
		return static_cast<Hello *>(data)->seed();
	} catch (...) {
		return VENV_ERR_NOMEM;
	}
}

} // namespace

VENV_PLUGIN_DEFINE(hello_cpp, "1.0", .summary = "write a file from C++", .open = open,
		   .close = close, .seed = seed);
