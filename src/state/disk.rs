//! What the local store asks of a file system. Small, so that a test can put in its place a file system that forgets
//! whatever was not synced.
//!
//! Files are for their owner only, whatever the umask; links are never followed, because a state folder may lie where
//! others can write.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    path::Path,
    sync::Arc,
};

#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};

/// Holds a lock until it is dropped.
pub type Lock = Arc<dyn Send + Sync>;

/// A try at a lock.
pub struct Attempt {
    /// `None` if somebody else holds it.
    pub lock: Option<Lock>,
    /// What the one who holds it, or held it last without letting go, has written.
    pub note: Vec<u8>,
}

/// A file system, as far as the store needs one. Nothing is durable before it is synced; names are synced with their
/// folder.
pub trait Disk: Send + Sync {
    /// All bytes of a file; `None` if there is none.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;
    /// A new file in place of any that has this name.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Adds to the end of a file.
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Makes the contents of a file durable.
    fn sync(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Gives a file another name, in place of any that has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes a folder and those around it, unless they exist.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    /// The names in a folder, in order; none if there is no such folder.
    fn names(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Takes the lock that a file stands for, and leaves a note in it. The lock ends with its holder, however that ends.
    fn try_lock(&self, path: &Path, note: &[u8]) -> io::Result<Attempt>;
}

/// No state is larger; a hostile file is not read to its end.
const LARGEST: u64 = 1 << 30;

/// The file system of this machine.
pub struct RealDisk;

impl Disk for RealDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let file = match open(path, OpenOptions::new().read(true)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let mut bytes = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 1 GiB"));
        }
        Ok(Some(bytes))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // `create_new` refuses a link that was put there meanwhile.
        private(OpenOptions::new().write(true).create_new(true)).open(path)?.write_all(bytes)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        open(path, OpenOptions::new().append(true))?.write_all(bytes)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        open(path, OpenOptions::new().read(true))?.sync_data()
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        builder.mode(0o700);
        builder.create(path)?;
        if fs::symlink_metadata(path)?.is_dir() { Ok(()) } else { Err(refused("it is not a folder")) }
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(Vec::new());
            }
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            names.extend(entry?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    fn try_lock(&self, path: &Path, note: &[u8]) -> io::Result<Attempt> {
        let options = &mut OpenOptions::new();
        let mut file = open(path, private(options.read(true).write(true).create(true).truncate(false)))?;
        let is_ours = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(error),
        };
        let mut former = Vec::new();
        (&mut file).take(NOTE).read_to_end(&mut former)?;
        let lock: Option<Lock> = if is_ours {
            file.set_len(0)?;
            io::Seek::rewind(&mut file)?;
            file.write_all(note)?;
            Some(Arc::new(LockFile(file)))
        } else {
            None
        };
        Ok(Attempt { lock, note: former })
    }
}

/// The longest note that is read.
const NOTE: u64 = 64 * 1024;

/// The operating system lets go when the process ends; who lets go by itself takes its note away first.
struct LockFile(File);

impl Drop for LockFile {
    fn drop(&mut self) {
        // A note that stays is only a wrong hint.
        let _ = self.0.set_len(0);
    }
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    options.mode(0o600);
    options
}

/// Opens a regular file, in a folder, where neither is a link. The name is looked at before and after: before, so that no
/// pipe is waited for and no file is made through a link; after, so that nothing was put in its place in between.
fn open(path: &Path, options: &OpenOptions) -> io::Result<File> {
    // The writer of a state puts new files in place of old ones, but not this often.
    for _ in 0..100 {
        if let Some(folder) = path.parent()
            && !fs::symlink_metadata(folder)?.is_dir()
        {
            return Err(refused("its folder is a link"));
        }
        match fs::symlink_metadata(path) {
            Ok(metadata) if !metadata.is_file() => return Err(refused("it is a link or not a regular file")),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = options.open(path)?;
        if is_named(&file, path)? {
            return Ok(file);
        }
    }
    Err(refused("it changes all the time"))
}

/// Whether this is the file that has the name now.
fn is_named(file: &File, path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        let (opened, named) = (file.metadata()?, fs::symlink_metadata(path)?);
        Ok((opened.dev(), opened.ino()) == (named.dev(), named.ino()))
    }
    #[cfg(not(unix))]
    Ok(true)
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
