# SPDX-License-Identifier: MIT
# config-check.bats - a roll-out: what would stop or surprise a create is found before

setup() {
	load common
	common_setup
}

# check STATUS TEXT WORDS: the site's configuration has that fault (8) or surprise (0), in
# a line of the file, and the check says so of the place it lies in and of FILE alike.
check() {
	site "$2"
	expect "$1" venvctl config check
	stdout_has "$SITE/venvctl.ini:$3"
	expect "$1" venvctl config check "$SITE/venvctl.ini"
	stdout_has "$SITE/venvctl.ini:$3"
}

@test "unknown, doubled and comma-joined plugins" {
	check 8 $'[create]\npost-setup = ensurepipp' "2: post-setup names 'ensurepipp': there is no plugin"
	stdout_has "did you mean 'ensurepip'?"
	check 8 $'[create]\npost-setup = ensurepip ensurepip' "2: post-setup names 'ensurepip' twice"
	expect 8 venvctl create -n -p "$PY" env
	check 8 $'[create]\npost-setup = ensurepip,files' "2: post-setup names 'ensurepip,files'"
	stdout_has "blanks separate the items of a list"
	check 8 $'[create]\npost-setup = ensurepip, files' "2: post-setup names 'ensurepip,'"
	check 8 $'[policy]\nrequired-plugins = ensurepip,files' "2: 'ensurepip,files' is no value"
	check 8 $'[plugin:x]\nuse = flies' "2: [plugin:x]: there is no plugin 'flies'"
	# Policy takes it once: no create fails of it.
	check 0 $'[policy]\nallowed-plugins = ensurepip ensurepip' "2: warning: allowed-plugins names 'ensurepip' twice"
	check 0 $'[create]\npass-env = A,B' "2: warning: 'A,B' is one name"
}

@test "required plugins that are missing, not allowed, in untrusted places: rule, file and line" {
	check 8 $'[policy]\nrequired-plugins = flies' "2: required-plugins names 'flies': there is no plugin"
	check 8 $'[policy]\nallowed-plugins = ensurepip\nrequired-plugins = files\n[plugin:files]\nsource = .' \
		"3: required-plugins has 'files', which allowed-plugins in $SITE/venvctl.ini:2 does not list"
	mkdir -p "$SITE/open" "$SITE/good"
	cp "$MOCKS/mock-hooks.so" "$SITE/open/"
	chmod 777 "$SITE/open"
	check 8 $'[venvctl]\nplugin-path = open\n[policy]\nrequired-plugins = mock-hooks' \
		"4: required-plugins names 'mock-hooks': '$SITE/open/mock-hooks.so' is not trusted"
	# One that only a directory of the user has is none for the site.
	cp "$MOCKS/mock-hooks.so" "$SITE/good/"
	site $'[policy]\nrequired-plugins = mock-hooks'
	expect 8 env VENVCTL_PLUGIN_PATH="$SITE/good" venvctl config check
	stdout_has "2: required-plugins names 'mock-hooks': there is no plugin"
	site $'[venvctl]\nplugin-path = good\n[policy]\nrequired-plugins = mock-hooks'
	expect 0 venvctl config check
	[ -z "$output" ]
}

@test "what every create would run has its options, is enabled and can be ordered" {
	check 8 $'[policy]\nrequired-plugins = files' "2: the plugin 'files' needs the option 'source'"
	# Not selected: the command line may give it.
	site $'[plugin:files]\nplaceholders = raw'
	expect 0 venvctl config check
	site $'[create]\npost-setup = ensurepip x\n[plugin:x]\nuse = files\nsource = .\nenabled = no'
	expect 8 venvctl config check
	stdout_has "the plugin 'x' is not enabled"
	site $'[create]\npost-setup = a b\n[plugin:a]\nuse = files\nsource = .\nafter = b\n[plugin:b]\nuse = files\nsource = .\nafter = a'
	expect 8 venvctl config check
	stdout_has "the plugin 'a' comes after 'b', which comes after 'a'"
}

@test "directories, files and interpreters that are not there, or cannot be used" {
	check 8 $'[venvctl]\nplugin-path = gone' "2: 'plugin-path' names '$SITE/gone': No such file"
	check 8 $'[create]\nlog-file = gone/log' "2: 'log-file' names '$SITE/gone': No such file"
	check 8 $'[network]\nca-file = gone.pem' "2: 'ca-file' names '$SITE/gone.pem': No such file"
	check 8 $'[store]\nsite-dir = gone' "2: cannot open the site's store"
	check 8 $'[plugin:files]\nsource = gone' "2: 'source' names '$SITE/gone': No such file"
	check 8 $'[create]\npost-setup = gone/x.so' "2: post-setup names 'gone/x.so': cannot open"
	check 8 $'[create]\npython = /gone/python' "2: cannot use '/gone/python' as interpreter"
	check 8 $'[create]\npython = 9.9' "2: no interpreter found that is '9.9'"
	mkdir -p "$SITE/open/x"
	chmod 777 "$SITE/open"
	check 8 $'[venvctl]\nplugin-path = open/x' "2: '$SITE/open/x' is not trusted: '$SITE/open' is writable by others"
	# A path keeps its dots.
	mkdir -p "$SITE/a.b"
	cp "$MOCKS/mock-hooks.so" "$SITE/a.b/"
	site $'[create]\npost-setup = ensurepip a.b/mock-hooks.so'
	expect 0 venvctl config check
}

# closed STATUS WORDS: what the configuration names is closed to users, whose create ends with
# STATUS (0: it does not), and root's check says so, in WORDS: an error where it does not go on.
closed() {
	expect "$1" as 4711 venvctl create --without-pip -p "$PY" env
	rm -rf "$BATS_TEST_TMPDIR/user-4711"
	expect "$([ "$1" = 0 ] && echo 0 || echo 8)" venvctl config check
	stdout_has "$2"
	[ "${#lines[@]}" -eq 1 ] || fail "$output"
	[ "$1" != 0 ] || stdout_has "warning: "
	# A copy that is to be rolled out is judged in the same way.
	cp "$SITE/venvctl.ini" copy.ini
	sed -i "s#= \./#= $SITE/#" copy.ini
	expect "$([ "$1" = 0 ] && echo 0 || echo 8)" venvctl config check copy.ini
	stdout_has "${2#"$SITE/venvctl.ini"}"
}

# open_up: all that is named can be read by all, and nothing is found.
open_up() {
	chmod -R a+rX "$SITE"
	expect 0 venvctl config check
	[ -z "$output" ] || fail "$output"
	expect 0 as 4711 venvctl create --without-pip -p "$PY" env
	rm -rf "$BATS_TEST_TMPDIR/user-4711"
}

@test "what only root may read would end every create of the others" {
	reachable
	local ini=$SITE/venvctl.ini
	mkdir -p "$SITE/pl" "$SITE/skel/sub" "$SITE/conf.d"
	cp "$MOCKS/mock-hooks.so" "$SITE/pl/"
	echo x | tee "$SITE/skel/sub/pip.conf" >"$SITE/setup.py"
	# A plugin, its directory, and one above that.
	site $'[venvctl]\nplugin-path = ./pl\n[policy]\nrequired-plugins = mock-hooks'
	open_up
	chmod 750 "$SITE/pl/mock-hooks.so"
	closed 5 "$ini:4: the plugin 'mock-hooks' is '$SITE/pl/mock-hooks.so', which not everybody may read: see the mode of '$SITE/pl/mock-hooks.so' (chmod o+r "
	open_up
	chmod 750 "$SITE/pl"
	expect 5 as 4711 venvctl create --without-pip -p "$PY" env
	expect 8 venvctl config check
	stdout_has "$ini:4: the plugin 'mock-hooks' is '$SITE/pl/mock-hooks.so', which not everybody may read: see the mode of '$SITE/pl' (chmod o+rx "
	# No create needs it: perhaps it is for some.
	site $'[venvctl]\nplugin-path = ./pl'
	closed 0 "$ini:2: warning: 'plugin-path' names '$SITE/pl', which not everybody may read"
	chmod 755 "$SITE/pl"
	chmod 640 "$SITE/pl/mock-hooks.so"
	closed 0 "$ini:2: warning: the plugin 'mock-hooks' is '$SITE/pl/mock-hooks.so', which not everybody may read"
	# A skeleton, as a whole.
	site $'[policy]\nrequired-plugins = files\n[plugin:files]\nsource = ./skel'
	open_up
	chmod 700 "$SITE/skel"
	closed 8 "$ini:4: 'source' names '$SITE/skel', which not everybody may read: see the mode of '$SITE/skel'"
	open_up
	chmod 700 "$SITE/skel/sub"
	closed 8 "$ini:4: 'source' names '$SITE/skel', in which not everybody may read '$SITE/skel/sub'"
	open_up
	chmod 600 "$SITE/skel/sub/pip.conf"
	closed 1 "$ini:4: 'source' names '$SITE/skel', in which not everybody may read '$SITE/skel/sub/pip.conf'"
	site $'[plugin:files]\nsource = ./skel'
	closed 0 "$ini:2: warning: 'source' names '$SITE/skel', in which not everybody may read"
	# What lies behind a link.
	mkdir -m 700 "$SITE/roots"
	mv "$SITE/skel" "$SITE/roots/skel"
	ln -s roots/skel "$SITE/skel"
	chmod -R a+rX "$SITE/roots/skel"
	site $'[policy]\nrequired-plugins = files\n[plugin:files]\nsource = ./skel'
	closed 8 "$ini:4: 'source' names '$SITE/skel', which not everybody may read: see the mode of '$SITE/roots'"
	# A script, wheels and what lists them.
	site $'[policy]\nrequired-plugins = x\n[plugin:x]\nuse = script\nsource = ./setup.py'
	chmod 600 "$SITE/setup.py"
	closed 8 "$ini:5: 'source' names '$SITE/setup.py', which not everybody may read"
	site $'[policy]\nrequired-plugins = wheels\n[plugin:wheels]\npackages = x\nfind-links = ./roots'
	closed 8 "$ini:5: 'find-links' names '$SITE/roots', which not everybody may read"
	site $'[policy]\nrequired-plugins = wheels\n[plugin:wheels]\nrequirements = ./setup.py'
	closed 8 "$ini:4: 'requirements' names '$SITE/setup.py', which not everybody may read"
	# A log that nobody else may write.
	site "[create]
log-file = ./roots/log"
	closed 1 "$ini:2: 'log-file' names '$SITE/roots/log', which not everybody may write: see the mode of '$SITE/roots'"
}

@test "an interpreter that only root may run, and files of the configuration" {
	reachable
	mkdir -m 755 -p "$SITE" "$SITE/conf.d"
	mkdir -m 700 py
	ln -s "$(realpath "$PY")" py/python3
	site "[create]
python = $PWD/py/python3"
	chmod 755 . ..
	expect 3 as 4711 venvctl create --without-pip env
	expect 8 venvctl config check
	stdout_has "$SITE/venvctl.ini:2: 'python' names '"
	stdout_has "which not everybody may run: see the mode of '$PWD/py'"
	site $'[create]\nprompt = x'
	printf '[create]\nwait = yes\n' >"$SITE/conf.d/1.ini"
	local what
	for what in conf.d/1.ini conf.d venvctl.ini .; do
		chmod go-rwx "$SITE/$what"
		expect 8 as 4711 venvctl create --without-pip -p "$PY" env
		expect 8 venvctl config check
		stdout_has "$(realpath "$SITE/$what"): others than root cannot read it, and no create of theirs will run (chmod o+r"
		[ "${#lines[@]}" -eq 1 ] || fail "$output"
		chmod -R a+rX "$SITE"
	done
	expect 0 venvctl config check
	[ -z "$output" ] || fail "$output"
}

@test "a user who checks finds what she may not read" {
	[ "$(id -u)" -ne 0 ] || reachable
	mkdir -p "$SITE/skel"
	chmod 755 "$SITE"
	site $'[plugin:files]\nsource = skel'
	chmod 0 "$SITE/skel"
	local as=(as 4711)
	[ "$(id -u)" -eq 0 ] || as=()
	expect 8 "${as[@]}" venvctl config check
	stdout_has "$SITE/venvctl.ini:2: 'source' names '$SITE/skel': Permission denied"
}

@test "certificates that are none, and certificates for root alone" {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=acme -out good.pem 2>/dev/null
	mkdir -p "$SITE"
	local ca=$SITE/ca.pem
	site $'[network]\nca-file = ca.pem'
	{ echo "# ours"; cat good.pem; openssl x509 -in good.pem -text; sed 's/$/\r/' good.pem; } >"$ca"
	expect 0 venvctl config check
	[ -z "$output" ] || fail "$output"
	openssl x509 -in good.pem -trustout -addtrust serverAuth >"$ca"
	expect 0 venvctl config check
	[ -z "$output" ] || fail "$output"
	local none="2: 'ca-file' names '$ca': there is no certificate in it"
	: >"$ca"
	check 8 $'[network]\nca-file = ca.pem' "$none"
	head -c 3000 /dev/urandom >"$ca"
	check 8 $'[network]\nca-file = ca.pem' "$none"
	cp key.pem "$ca"
	check 8 $'[network]\nca-file = ca.pem' "$none"
	openssl x509 -in good.pem -outform der >"$ca"
	check 8 $'[network]\nca-file = ca.pem' "$none"
	# libcurl takes none of a file in which one is bad.
	{ cat good.pem; sed 5d good.pem; } >"$ca"
	check 8 $'[network]\nca-file = ca.pem' "2: 'ca-file' names '$ca': line $(($(wc -l <good.pem) + 1)): the certificate is damaged"
	head -n 5 good.pem >"$ca"
	check 8 $'[network]\nca-file = ca.pem' "2: 'ca-file' names '$ca': line 1: the certificate has no end"
	sed '3s/^./!/' good.pem >"$ca"
	check 8 $'[network]\nca-file = ca.pem' "2: 'ca-file' names '$ca': line 1: the certificate is damaged"
	mkdir "$SITE/dir"
	check 8 $'[network]\nca-file = dir' "2: 'ca-file' names '$SITE/dir'"
	[ "$(id -u)" -eq 0 ] || return 0
	cp good.pem "$ca"
	chmod 600 "$ca"
	check 8 $'[network]\nca-file = ca.pem' "2: 'ca-file' names '$ca', which not everybody may read"
}

@test "proxies that are none" {
	local each
	for each in http:// http://:3128 :3128 gopher://h:1 h:x http://h:0 http://h:99999 'h h' //h:1 \
		http:/h:3128 ftp://u:geheim@h:1 'http://u:geheim@h:port' http://[::1 http://::1:3128 http://ü.example:1; do
		check 8 "[network]
proxy = $each" "2: 'proxy' is the address of no proxy: expected "
		[[ $output != *geheim* ]] || fail "$output"
	done
	for each in h:3128 http://h_x.example:3128 http://u:p@h:3128/ HTTP://1.2.3.4:80 https://h socks5h://h \
		'http://[::1]:3128'; do
		site "[network]
proxy = $each"
		expect 0 venvctl config check
		[ -z "$output" ] || fail "$each: $output"
	done
	check 0 $'[network]\nproxy = http://h' "2: warning: 'proxy' has no port: venvctl takes 1080 then, and pip 80"
	check 0 $'[network]\nproxy = u:pw@[::1]' "2: warning: 'proxy' has no port"
}

@test "hosts that cannot match" {
	check 8 $'[policy]\nallowed-hosts = *.acme.example' "2: '*.acme.example' is no value"
	check 8 $'[policy]\nallowed-hosts = https://acme.example/' "2: 'https://acme.example/' is no value"
	stdout_has "without the scheme"
	check 8 $'[policy]\nhttp-hosts = a.example,b.example' "2: 'a.example,b.example' is no value"
	stdout_has "items are separated by blanks"
	# An address that policy would refuse, with its line and the rule's.
	check 8 $'[plugin:getpip]\nurl = https://a.example/get-{python-version}.py\n[policy]\nallowed-hosts = b.example' \
		"2: cannot fetch"
	stdout_has "by allowed-hosts in $SITE/venvctl.ini:4"
	check 8 $'[plugin:x]\nuse = script\nsource = http://a.example/x.py' "3: cannot fetch"
	stdout_has "plain http is not allowed"
	check 8 $'[policy]\nrequire-sha256 = yes\n[plugin:getpip]\nurl = https://a.example/x.py' "4: "
	stdout_has "is refused by require-sha256 in $SITE/venvctl.ini:2"
	check 0 $'[policy]\nallowed-hosts = a.example b.example:8080\nhttp-hosts = a.example:80 b.example:80' \
		"3: warning: http-hosts has 'b.example:80', which allowed-hosts in $SITE/venvctl.ini:2 does not allow"
	[ "${#lines[@]}" -eq 1 ] || fail "$output"
	site $'[policy]\nallowed-hosts = a.example\nhttp-hosts = A.example\n[plugin:getpip]\nurl = http://a.example/x.py'
	expect 0 venvctl config check
	[ -z "$output" ]
}

@test "~ and variables are not expanded, and that is said" {
	check 8 $'[venvctl]\nplugin-path = ~/plugins' "2: '~/plugins' is no value for 'plugin-path': '~' is not expanded"
	stdout_has "write the whole path"
	expect 8 venvctl create -n -p "$PY" --without-pip env
	stderr_has "'~' is not expanded"
	check 8 $'[plugin:files]\nsource = ~root/skel' "2: '~root/skel' is no value for 'files.source': '~' is not expanded"
	site ''
	expect 2 venvctl create -n -p "$PY" --without-pip --plugin=files -o files.source='~/x' env
	stderr_has "'~' is not expanded"
	check 8 $'[network]\nca-file = ${HOME}/ca.pem' "2: 'ca-file' names"
	stdout_has "variables are not expanded"
	check 8 $'[plugin:files]\nsource = $HOME/skel' "2: 'source' names"
	stdout_has "variables are not expanded"
	check 0 $'[create]\nprompt = $USER' "2: warning: 'prompt': variables are not expanded"
	check 0 $'[create]\nprompt = ~me' "2: warning: 'prompt': '~' is not expanded"
	# What is called so is there for who writes it so; a price is no variable.
	mkdir -p "$SITE/~" "$SITE/\$x"
	site $'[venvctl]\nplugin-path = ./~ $x\n[create]\nprompt = 5$ 10$1'
	expect 0 venvctl config check
	[ -z "$output" ] || fail "$output"
}

@test "empty values" {
	check 8 $'[create]\nprompt =' "2: 'prompt' needs a value"
	check 8 $'[store]\nsite-dir =' "2: 'site-dir' needs a value"
	check 8 $'[plugin:files]\nsource =' "2: '' is no value for 'files.source'"
	check 8 $'[policy]\nallowed-plugins =' "2: warning: 'allowed-plugins' is empty: no plugin may run"
	check 0 $'[policy]\nallowed-hosts =' "2: warning: 'allowed-hosts' is empty: nothing may be downloaded"
	check 0 $'[policy]\nrequired-plugins =' "2: warning: 'required-plugins' is empty and changes nothing"
	# Elsewhere an empty list resets.
	site $'[create]\npost-setup =\n[venvctl]\nplugin-path ='
	expect 0 venvctl config check
	[ -z "$output" ]
}

@test "every fault of every layer, not the first" {
	site $'[create]\nwait = maybe\nofline = yes\n[network]\nca-file = gone.pem\n[policy]\ntrusted-users = no-such-user'
	mkdir "$SITE/conf.d"
	printf '[create]\nexisting = nothing\n' >"$SITE/conf.d/1.ini"
	user $'[create]\nsymlinks = perhaps'
	expect 8 env VENVCTL_DURABLE=x venvctl config check
	for each in "$SITE/venvctl.ini:2: 'maybe'" "$SITE/venvctl.ini:3: unknown key 'ofline'" \
		"$SITE/venvctl.ini:5: 'ca-file'" "$SITE/venvctl.ini:7: warning: 'trusted-users' names 'no-such-user': there is no such user in /etc/passwd" \
		"$SITE/conf.d/1.ini:2: 'nothing'" "$HOME/.config/venvctl/venvctl.ini:2: 'perhaps'" \
		"VENVCTL_DURABLE: 'x'"; do
		stdout_has "$each"
	done
	[ "${#lines[@]}" -eq 7 ] || fail "$output"
	[ -z "$stderr" ]
	# A file that is not trusted is one of them.
	chmod 666 "$SITE/conf.d/1.ini"
	expect 8 venvctl config check
	stdout_has "'$SITE/conf.d/1.ini' is writable by others"
	stdout_has "$SITE/venvctl.ini:2: 'maybe'"
	# What FILE says is judged by FILE, whatever the site has now.
	printf '[policy]\nallowed-plugins = files ensurepip\nrequired-plugins = files\n[plugin:files]\nsource = .\n' >new.ini
	site $'[policy]\nallowed-plugins = ensurepip'
	expect 0 venvctl config check new.ini
	[ -z "$output" ] || fail "$output"
}

@test "config check --json" {
	site $'[create]\nwait = maybe\nprompt = $USER\npost-setup = ensurepipp'
	expect 8 venvctl config check --json
	printf '%s' "$output" >out.json
	/usr/bin/python3 - "$SITE/venvctl.ini" <<-'END'
		import json, sys
		with open("out.json") as f:
		    o = json.load(f)
		assert o["schema"] == 1 and o["ok"] is False and o["files"] == [sys.argv[1]], o
		seen = [(p["level"], p["file"], p.get("line"), p["text"]) for p in o["problems"]]
		assert [s[:3] for s in seen] == [("error", sys.argv[1], 2), ("warning", sys.argv[1], 3),
		                                 ("error", sys.argv[1], 4)], seen
		assert "'maybe'" in seen[0][3] and o["problems"][2]["hint"] == "did you mean 'ensurepip'?", o
	END
	site $'[create]\nprompt = $USER'
	expect 0 venvctl config check --json
	stdout_has '"ok":true'
	stdout_has '"level":"warning"'
	site $'[create]\nprompt = x'
	expect 0 venvctl config check --json "$SITE/venvctl.ini"
	[ "$output" = "{\"schema\":1,\"ok\":true,\"files\":[\"$SITE/venvctl.ini\"],\"problems\":[]}" ] || fail "$output"
	expect 8 venvctl config check --json gone.ini
	stdout_has '"file":null,"text":"cannot read '
}

@test "config path --json" {
	expect 0 venvctl config path --json
	[ "$output" = "{\"schema\":1,\"files\":[{\"path\":\"$SITE/venvctl.ini\",\"kind\":\"site\",\"read\":false},{\"path\":\"$HOME/.config/venvctl/venvctl.ini\",\"kind\":\"user\",\"read\":false}]}" ] || fail "$output"
	site $'[create]\nprompt = x'
	mkdir "$SITE/conf.d"
	printf '[create]\nwait = yes\n' >"$SITE/conf.d/1.ini"
	expect 0 venvctl config path --json
	stdout_has "{\"path\":\"$SITE/venvctl.ini\",\"kind\":\"site\",\"read\":true}"
	stdout_has "{\"path\":\"$SITE/conf.d/1.ini\",\"kind\":\"drop-in\",\"read\":true}"
}

@test "config show plugin-path: all directories in order, where they are from, whether they count" {
	mkdir -p "$SITE/a" "$SITE/open" mine
	chmod 777 "$SITE/open"
	site $'[venvctl]\nplugin-path =\n\ta\n\topen\n\tgone'
	BUILT_IN=$TEST_PREFIX/lib/venvctl/plugins
	local ini=$SITE/venvctl.ini key=venvctl.plugin-path
	expect 0 env VENVCTL_PLUGIN_PATH="$PWD/mine" venvctl config show plugin-path
	[ "${lines[0]}" = "VENVCTL_PLUGIN_PATH"$'\t'"$key = $PWD/mine"$'\t'trusted ] || fail "$output"
	[ "${lines[1]}" = "$ini:2"$'\t'"$key = $SITE/a"$'\t'trusted ] || fail "$output"
	[[ ${lines[2]} = "$ini:2"$'\t'"$key = $SITE/open"$'\t'"not used: '$SITE/open' is not trusted:"* ]] || fail "$output"
	[ "${lines[3]}" = "$ini:2"$'\t'"$key = $SITE/gone"$'\t'"not used: it is not there" ] || fail "$output"
	[ "${lines[4]}" = "built in"$'\t'"$key = $BUILT_IN"$'\t'trusted ] || fail "$output"
	[ "${#lines[@]}" -eq 5 ]
	expect 0 venvctl config show --json venvctl.plugin-path
	stdout_has "{\"path\":\"$SITE/a\",\"origin\":\"$ini:2\",\"used\":true,\"why\":null,\"rule\":null}"
	stdout_has "{\"path\":\"$SITE/gone\",\"origin\":\"$ini:2\",\"used\":false,\"why\":\"it is not there\",\"rule\":null}"
	stdout_has "{\"path\":\"$BUILT_IN\",\"origin\":\"built in\",\"used\":true,\"why\":null,\"rule\":null}"
	# Where the site says which plugins, a directory of the user's is none.
	site $'[venvctl]\nplugin-path = a\n[policy]\nallowed-plugins = ensurepip'
	expect 0 env VENVCTL_PLUGIN_PATH="$PWD/mine" venvctl config show plugin-path
	[ "${lines[0]}" = "VENVCTL_PLUGIN_PATH"$'\t'"$key = $PWD/mine"$'\t'"not used: the site's policy does not allow it: allowed-plugins in $ini:4" ] || fail "$output"
	expect 0 env VENVCTL_PLUGIN_PATH="$PWD/mine" venvctl config show --json plugin-path
	stdout_has "{\"path\":\"$PWD/mine\",\"origin\":\"VENVCTL_PLUGIN_PATH\",\"used\":false,\"why\":\"the site's policy does not allow it: allowed-plugins in $ini:4\",\"rule\":\"allowed-plugins in $ini:4\"}"
	expect 0 venvctl config show
	stdout_has "$ini:2"$'\t'"$key = $SITE/a"
	# It alone is a directory of all, and there is nobody to name twice.
	expect 0 venvctl config show create.prompt
	[ "$output" = "create.prompt is not set" ]
}
