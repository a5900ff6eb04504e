// SPDX-License-Identifier: MIT
// hello-rust - a plugin in Rust:
// rustc --edition 2021 --crate-type cdylib -C panic=abort hello-rust.rs -o hello-rust.so
//
// Nothing but the layout of venvctl/plugin.h is needed: structures of pointers and integers,
// functions of the C ABI, and the ELF note that tells what the file is.
use std::os::raw::{c_char, c_int, c_void};

const ABI: u32 = 1 << 16;
const OK: c_int = 0;
const ERR_NOMEM: c_int = -7;

#[repr(C)]
pub struct Session {
    _opaque: [u8; 0],
}

// The services up to the last that is used here: struct_size tells what there is.
#[repr(C)]
pub struct Host {
    struct_size: u32,
    abi_version: u32,
    version: *const c_char,
    error: extern "C" fn(*mut Session, *const c_char),
    log: extern "C" fn(*mut Session, c_int, *const c_char),
    progress: extern "C" fn(*mut Session, c_int, *const c_char),
    cancelled: extern "C" fn(*mut Session) -> c_int,
    option: extern "C" fn(*mut Session, *const c_char) -> *const c_char,
    option_bool: extern "C" fn(*mut Session, *const c_char) -> c_int,
    option_int: extern "C" fn(*mut Session, *const c_char) -> i64,
    option_list: extern "C" fn(*mut Session, *const c_char) -> *const *const c_char,
    run: extern "C" fn(*mut Session, *mut c_void) -> c_int,
    install_scripts: extern "C" fn(*mut Session, *const c_char, u32) -> c_int,
    write_file: extern "C" fn(*mut Session, *const c_char, *const c_void, usize, u32) -> c_int,
    config_set: extern "C" fn(*mut Session, *const c_char, *const c_char) -> c_int,
    temp_dir: extern "C" fn(*mut Session) -> *const c_char,
    alloc: extern "C" fn(*mut Session, usize) -> *mut c_void,
}

#[repr(C)]
pub struct Plugin {
    struct_size: u32,
    abi_version: u32,
    option_size: u32,
    reserved: u32,
    name: *const c_char,
    version: *const c_char,
    flags: u64,
    summary: *const c_char,
    help: *const c_char,
    options: *const c_void,
    open: Option<
        extern "C" fn(*const Host, *mut Session, *const c_void, *mut *mut c_void) -> c_int,
    >,
    close: Option<extern "C" fn(*mut c_void, c_int)>,
    before_stage: Option<extern "C" fn(*mut c_void, c_int) -> c_int>,
    stages: [Option<extern "C" fn(*mut c_void) -> c_int>; 4],
    seed: Option<extern "C" fn(*mut c_void) -> c_int>,
    post_setup: Option<extern "C" fn(*mut c_void) -> c_int>,
    undo: Option<extern "C" fn(*mut c_void) -> c_int>,
}
unsafe impl Sync for Plugin {}

#[repr(C)]
struct State {
    host: *const Host,
    session: *mut Session,
}

extern "C" fn open(
    host: *const Host,
    session: *mut Session,
    _ctx: *const c_void,
    data: *mut *mut c_void,
) -> c_int {
    unsafe {
        let state = ((*host).alloc)(session, std::mem::size_of::<State>()) as *mut State;
        if state.is_null() {
            return ERR_NOMEM;
        }
        *state = State { host, session };
        *data = state as *mut c_void;
    }
    OK
}

extern "C" fn seed(data: *mut c_void) -> c_int {
    let state = data as *const State;
    let text = b"hello from Rust\n";
    unsafe {
        ((*(*state).host).write_file)(
            (*state).session,
            b"hello-rust\0".as_ptr() as *const c_char,
            text.as_ptr() as *const c_void,
            text.len(),
            0o666,
        )
    }
}

static PLUGIN: Plugin = Plugin {
    struct_size: std::mem::size_of::<Plugin>() as u32,
    abi_version: ABI,
    option_size: 0,
    reserved: 0,
    name: b"hello_rust\0".as_ptr() as *const c_char,
    version: b"1.0\0".as_ptr() as *const c_char,
    flags: 0,
    summary: b"write a file from Rust\0".as_ptr() as *const c_char,
    help: std::ptr::null(),
    options: std::ptr::null(),
    open: Some(open),
    close: None,
    before_stage: None,
    stages: [None; 4],
    seed: Some(seed),
    post_setup: None,
    undo: None,
};

#[no_mangle]
pub extern "C" fn hello_rust_LTX_venv_plugin_v1(_host_abi: u32) -> *const Plugin {
    &PLUGIN
}

// struct venv_note, then what the plugin provides, comes after and requires: nothing.
#[repr(C, align(4))]
pub struct Note {
    namesz: u32,
    descsz: u32,
    kind: u32,
    owner: [u8; 8],
    abi_version: u32,
    struct_size: u32,
    name: [u8; 32],
    version: [u8; 24],
    lists: [u8; 3],
}

const fn padded<const N: usize>(text: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    let mut i = 0;
    while i < text.len() {
        out[i] = text[i];
        i += 1;
    }
    out
}

#[used]
#[link_section = ".note.venvctl"]
pub static NOTE: Note = Note {
    namesz: 8,
    descsz: 4 + 4 + 32 + 24 + 3,
    kind: 1,
    owner: *b"venvctl\0",
    abi_version: ABI,
    struct_size: std::mem::size_of::<Plugin>() as u32,
    name: padded(b"hello_rust"),
    version: padded(b"1.0"),
    lists: [0; 3],
};
