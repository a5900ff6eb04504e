# SPDX-License-Identifier: MIT
# plugins-info.bats - `venvctl plugins info` and `list`: what plugins say of themselves

setup() {
	load common
	common_setup
	kit_setup
}

@test "info: options with type, default, value and origin" {
	user "[plugin:ensurepip]
mode = run"
	expect 0 venvctl plugins info ensurepip
	stdout_has "provides  pip setuptools"
	stdout_has "mode = run"
	stdout_has "one of native run; $HOME/.config/venvctl/venvctl.ini:2"
	expect 0 venvctl plugins info --json ensurepip
	python3 - "$output" <<-'EOF'
		import json, sys
		p, = json.loads(sys.argv[1])["plugins"]
		assert p["name"] == "ensurepip" and p["provides"] == ["pip", "setuptools"], p
		o = {o["name"]: o for o in p["options"]}["mode"]
		assert o["value"] == "run" and o["default"] == "native", o
		assert o["choices"] == ["native", "run"] and o["origin"].endswith(":2"), o
	EOF
}

@test "info of an instance" {
	user "[plugin:my-pip]
use = ensurepip"
	expect 0 venvctl plugins info my-pip
	stdout_has "uses      ensurepip"
}

@test "info: what cannot be read is a line, with status 5" {
	expect 5 venvctl plugins info ensurepip nothing
	stdout_has "mode = native"
	stderr_has "nothing"
	expect 5 venvctl plugins info --json nothing
	python3 -c 'import json,sys; assert "nothing" in json.loads(sys.argv[1])["plugins"][0]["error"]' \
		"$output"
}

@test "list: instances, and what a create would run in which order" {
	user "[create]
post-setup = acme-files ensurepip
[plugin:acme-files]
use = files
source = /etc/skel
after = ensurepip"
	expect 0 venvctl plugins list
	stdout_has "acme-files       uses files  $HOME/.config/venvctl/venvctl.ini:4"
	stdout_has "a create without options runs: ensurepip acme-files"
	expect 0 venvctl plugins list --json
	python3 - "$output" <<-'EOF'
		import json, sys
		all = json.loads(sys.argv[1])
		assert all["order"] == ["ensurepip", "acme-files"], all["order"]
		assert [i["name"] for i in all["instances"]] == ["acme-files"], all["instances"]
	EOF
	user "[create]
post-setup = nothing"
	expect 0 venvctl plugins list
	stdout_has "cannot be told: "
}

# A plugin whose constructor runs BODY.
built_with() {
	mkdir -p own
	cat >own/acme-early.c <<-END
		#include <venvctl/plugin.h>
		#include <stdio.h>
		#include <stdlib.h>
		__attribute__((constructor)) static void early(void) { $1; }
		static int hook(void *data) { (void)data; return VENV_OK; }
		VENV_PLUGIN_DEFINE(acme_early, "1.0", .summary = "run early", .seed = hook);
	END
	# shellcheck disable=SC2046,SC2086
	$CC -shared -fPIC $(pkg-config --cflags venvctl-plugin) own/acme-early.c -o own/acme-early.so
}

@test "list runs nothing of a plugin" {
	built_with "fclose(fopen(\"$PWD/ran\", \"w\"))"
	export VENVCTL_PLUGIN_PATH=$PWD/own
	expect 0 venvctl plugins list
	stdout_has "acme-early"
	expect 0 venvctl plugins list --json
	[ ! -e ran ]
	# It would have been seen.
	expect 0 venvctl plugins info ./own/acme-early.so
	[ -e ran ]
}

@test "info: a crash is a line of the answer, and what is not trusted is not loaded" {
	skip_sanitized "they make an exit of a crash"
	built_with "abort()"
	expect 5 venvctl plugins info ./own/acme-early.so ensurepip
	stdout_has "mode = native"
	stderr_has "acme-early"
	stderr_has "crash"
	built_with "fclose(fopen(\"$PWD/ran\", \"w\"))"
	chmod 666 own/acme-early.so
	expect 5 venvctl plugins info ./own/acme-early.so
	stderr_has "chmod"
	[ ! -e ran ]
}

@test "plugins: unknown commands" {
	expect 2 venvctl plugins
	expect 2 venvctl plugins lst
	stderr_has "did you mean 'plugins list'?"
	expect 2 venvctl plugins info
	expect 2 venvctl plugins check
}
