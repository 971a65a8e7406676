//! What `zip(…)` makes of folders and files.

use std::{
    fs::{self, File, FileTimes, Permissions},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    time::{Duration, SystemTime},
};

use super::{Case, bare};
use crate::base::archive;

/// The stack in `inside`, whose only output is `zip(path)`.
fn packing(path: &str) -> Case {
    let quoted = serde_json::Value::from(path).to_string().replace('\'', "''");
    let text = format!("stack: a\nregion: eu-central-1\noutputs: {{o: {{value: '${{zip({quoted})}}'}}}}\n");
    let mut case = bare().file("inside/stack.yaml", &text);
    case.inputs.path = case.path("inside/stack.yaml");
    case
}

/// The archive, or why there is none.
fn packed(case: &Case) -> Result<Vec<u8>, String> {
    let outcome = case.outcome();
    let text = outcome.strip_prefix("output o = \"").and_then(|text| text.strip_suffix("\"\n"));
    text.and_then(archive::from_text).ok_or(outcome)
}

fn refusal(case: &Case) -> String {
    packed(case).expect_err("it is refused")
}

fn names(bytes: &[u8]) -> Vec<String> {
    let archive = rawzip::ZipArchive::from_slice(bytes).unwrap();
    let (mut entries, mut names) = (archive.entries(), Vec::new());
    while let Some(entry) = entries.next_entry().unwrap() {
        names.push(format!("{:o} {}", entry.mode().value(), entry.file_path().try_normalize().unwrap().as_ref()));
    }
    names
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_same_content_is_the_same_archive_whenever_and_in_whatever_order_it_came_to_be() {
    let files = [("b.py", "two"), ("a.py", "one"), ("lib/c.py", "three"), ("lib/a/d.py", "four")];
    let (mut one, mut other) = (packing("code"), packing("code"));
    for (name, text) in files {
        one = one.file(&format!("inside/code/{name}"), text);
    }
    for (name, text) in files.iter().rev() {
        other = other.file(&format!("inside/code/{name}"), text);
        let file = File::options().write(true).open(other.path(&format!("inside/code/{name}"))).unwrap();
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        file.set_times(FileTimes::new().set_modified(moment)).unwrap();
    }
    set_mode(&other.path("inside/code/a.py"), 0o600);
    fs::create_dir(other.path("inside/code/empty")).unwrap();
    let other = other.file("inside/code/lib/__pycache__/c.pyc", "compiled").file("inside/code/.git/HEAD", "ref");
    assert_eq!(packed(&one).unwrap(), packed(&other).unwrap());
    let names = names(&packed(&one).unwrap());
    assert_eq!(names, ["100644 a.py", "100644 b.py", "100644 lib/a/d.py", "100644 lib/c.py"]);
}

#[test]
fn another_content_name_or_mode_is_another_archive() {
    let code = || packing("code").file("inside/code/a.py", "one");
    let first = packed(&code()).unwrap();
    let executable = code();
    set_mode(&executable.path("inside/code/a.py"), 0o744);
    let renamed = packing("code").file("inside/code/b.py", "one");
    for other in [code().file("inside/code/a.py", "two"), code().file("inside/code/b.py", "one"), executable, renamed] {
        assert_ne!(packed(&other).unwrap(), first);
        assert_ne!(other.stack().digest, code().stack().digest, "a saved plan is for one archive");
    }
}

#[test]
fn an_archive_is_taken_as_it_is_and_any_other_file_is_packed_alone() {
    let case = packing("code/a.py").file("inside/code/a.py", "one");
    let bytes = packed(&case).unwrap();
    assert_eq!(names(&bytes), ["100644 a.py"]);
    let case = packing("made.zip");
    fs::write(case.path("inside/made.zip"), &bytes).unwrap();
    assert_eq!(packed(&case).unwrap(), bytes);
    fs::write(case.path("inside/made.zip"), &bytes[..bytes.len() - 30]).unwrap();
    assert!(refusal(&case).contains("`made.zip` is a damaged ZIP archive"));
    fs::write(case.path("inside/made.zip"), "one").unwrap();
    assert!(refusal(&case).contains("`made.zip` is not a ZIP archive"));
}

#[test]
fn nothing_outside_the_folder_of_the_stack_is_packed() {
    let outside =
        ["../code", "sub/../../code", "/etc", "/etc/passwd", "up", "up/code", "stolen.py", "", "nothing", "a\0b"];
    for path in outside {
        let case = packing(path).file("code/stolen.py", "stolen").file("inside/sub/a.py", "one");
        symlink(case.folder.path(), case.path("inside/up")).unwrap();
        symlink(case.path("code/stolen.py"), case.path("inside/stolen.py")).unwrap();
        assert!(refusal(&case).contains("invalid-argument"), "{path}");
    }
}

#[test]
fn links_in_a_folder_are_followed_inside_the_stack_and_refused_beyond() {
    let case = || {
        packing("code")
            .file("code/stolen.py", "stolen")
            .file("inside/shared/b.py", "two")
            .file("inside/code/a.py", "one")
    };
    let good = case();
    symlink("../shared", good.path("inside/code/lib")).unwrap();
    symlink("a.py", good.path("inside/code/c.py")).unwrap();
    assert_eq!(names(&packed(&good).unwrap()), ["100644 a.py", "100644 c.py", "100644 lib/b.py"]);
    for (target, why) in [
        ("../../code", "`code/link` leads out of the folder of the stack through a link"),
        ("../../code/stolen.py", "`code/link` leads out"),
        ("/etc/passwd", "`code/link` leads out"),
        ("..", "`code/link/code` leads back into a folder that it lies in"),
        (".", "`code/link` leads back"),
        ("nothing", "there is no file `code/link`"),
    ] {
        let case = case();
        symlink(target, case.path("inside/code/link")).unwrap();
        let said = refusal(&case);
        assert!(said.contains(why), "{target}: {said}");
    }
}

#[test]
fn what_cannot_be_packed_is_named() {
    let empty = packing("code").file("inside/code/sub/.DS_Store", "x");
    assert!(refusal(&empty).contains("`code` has no file in it"));
    assert!(refusal(&packing("none")).contains("there is no file `none`"));
    let strange = packing("code").file("inside/code/a:b", "x");
    assert!(refusal(&strange).contains("`code/a:b` cannot be packed"));
    let socket = packing("code").file("inside/code/a.py", "x");
    let _listener = std::os::unix::net::UnixListener::bind(socket.path("inside/code/socket")).unwrap();
    assert!(refusal(&socket).contains("`code/socket` is neither a file nor a folder"));
    let closed = packing("code").file("inside/code/a.py", "x");
    set_mode(&closed.path("inside/code/a.py"), 0o000);
    // Nothing is closed to root.
    if File::open(closed.path("inside/code/a.py")).is_err() {
        assert!(refusal(&closed).contains("`code/a.py` may not be read"));
    }
}

#[test]
fn what_is_larger_than_lambda_takes_is_refused_before_it_is_read() {
    let case = packing("code").file("inside/code/a.py", "x");
    let file = File::create(case.path("inside/code/b.bin")).unwrap();
    // Takes no room on the disk.
    file.set_len(251 << 20).unwrap();
    let said = refusal(&case);
    assert!(said.contains("with `code/b.bin` it is more than the 250 MiB that Lambda unpacks"), "{said}");
    let archive = packing("code.zip");
    let end = archive::pack(&[]).unwrap();
    fs::write(archive.path("inside/code.zip"), b"PK\x03\x04").unwrap();
    let file = File::options().append(true).open(archive.path("inside/code.zip")).unwrap();
    file.set_len(51 << 20).unwrap();
    std::io::Write::write_all(&mut &file, &end).unwrap();
    let said = refusal(&archive);
    assert!(said.contains("`code.zip` makes an archive of 52 MiB, and Lambda takes 50 MiB"), "{said}");
}
