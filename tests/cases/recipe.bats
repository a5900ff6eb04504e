# SPDX-License-Identifier: MIT
# recipe.bats - the administrator's recipe, as it stands in the README

# A block of the README whose first line is "# /etc/venvctl/NAME" becomes that file.
write_recipe() {
	awk -v site="$SITE" '
		/^```/ { file = ""; first = !inside; inside = !inside; next }
		first { first = 0
			if ($1 == "#" && index($2, "/etc/venvctl/") == 1)
				file = site "/" substr($2, 14) }
		file != "" { print > file }
	' "$top_srcdir/README.md"
}

setup() {
	load common
	common_setup
	mkdir -p "$SITE/skeleton/etc" "$SITE/wheels"
	write_recipe
	[ -s "$SITE/venvctl.ini" ] && [ -s "$SITE/skeleton/pip.conf" ]
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=acme \
		-out "$SITE/acme-ca.pem" 2>/dev/null
	cp "$SITE/acme-ca.pem" "$SITE/skeleton/etc"
	for name in base tls lint; do
		python3 "$top_srcdir/tests/store/wheelmaker.py" "$SITE/wheels" "acme_$name" 1.0
	done
}

has_everything() {
	cmp "$SITE/acme-ca.pem" "$1/etc/acme-ca.pem"
	for name in base tls lint; do
		[ "$("$1/bin/acme_$name")" = 1.0 ]
	done
	grep -Fqx "cert = $PWD/$1/etc/acme-ca.pem" "$1/pip.conf"
}

@test "every environment has the CA, pip.conf and the three wheels" {
	expect 0 venvctl config check
	expect 0 venvctl create -p "$PY" env
	[ -z "$stderr" ]
	has_everything env
	expect 0 env/bin/python -m pip config list
	stdout_has "https://pypi.acme.example/simple"
	stdout_has "$PWD/env/etc/acme-ca.pem"
	expect 0 env/bin/python -m pip check
}

@test "nobody gets round it" {
	for args in --no-plugins --without-pip; do
		expect 0 venvctl create -p "$PY" "$args" env
		has_everything env
		rm -r env
	done
}

@test "nothing else is allowed, and the refusal names the rule" {
	for args in --plugin=getpip --add-plugin=script:source=/bin/true \
		--plugin="$MOCKS/mock-step.so" -oacme-skeleton.source=/tmp \
		-oacme-wheels.packages=acme-base; do
		expect 8 venvctl create -p "$PY" "$args" env
		stderr_has "$SITE/venvctl.ini:"
		[ ! -e env ]
	done
	user $'[plugin:acme-skeleton]\nuse = files\nsource = /tmp'
	expect 8 venvctl create -p "$PY" env
	stderr_has "$SITE/venvctl.ini:"
	[ ! -e env ]
	no_leftovers .
}
