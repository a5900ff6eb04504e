# SPDX-License-Identifier: MIT
# wheel.bash - wheels for a case

# wheel FILE NAME=TEXT...: a wheel of these files, with their RECORD; INFO/ stands for its
# .dist-info directory, and $wheel_version for 1.0.
wheel() {
	/usr/bin/python3 - "$@" <<-'EOF'
		import base64, hashlib, os, sys, zipfile
		path, name = sys.argv[1], sys.argv[1].rsplit("/", 1)[-1].split("-")[0]
		version = os.environ.get("wheel_version", "1.0")
		info = name + "-" + version + ".dist-info/"
		files = {info + "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		         info + "METADATA": "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, version)}
		for arg in sys.argv[2:]:
		    key, text = arg.split("=", 1)
		    files[key.replace("INFO/", info)] = text
		record = ""
		with zipfile.ZipFile(path, "w") as z:
		    for key, text in files.items():
		        data = text.encode()
		        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
		        record += "%s,sha256=%s,%d\n" % (key, digest.decode(), len(data))
		        z.writestr(key, data)
		    z.writestr(info + "RECORD", record + info + "RECORD,,\n")
	EOF
}
