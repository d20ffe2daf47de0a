//! The database servers of the course: where their programs are, how one is
//! started, and whether one answers. No client library, so that this is there
//! for whoever starts a server without speaking to it.

mod greeting;
pub mod group;
pub mod mongo;
pub mod proxy;
mod redis;

pub use group::Group;
pub use redis::Redis;

use std::{
    env,
    ffi::OsString,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A database server that the course uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    Redis,
    Mongo,
    /// MariaDB, or MySQL itself.
    Mysql,
}

/// The folder `target/services`: the data of `cargo course up`, and under
/// `programs` what it installed.
pub fn folder() -> PathBuf {
    crate::target_folder().join("services")
}

impl Server {
    pub const ALL: [Server; 3] = [Server::Redis, Server::Mongo, Server::Mysql];

    /// What `cargo course up` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Server::Redis => "redis",
            Server::Mongo => "mongo",
            Server::Mysql => "mysql",
        }
    }

    /// The setting that says where it is.
    pub fn variable(self) -> &'static str {
        match self {
            Server::Redis => "REDIS_URL",
            Server::Mongo => "MONGODB_URL",
            Server::Mysql => "DATABASE_URL",
        }
    }

    pub fn default_port(self) -> u16 {
        match self {
            Server::Redis => 6379,
            Server::Mongo => 27017,
            Server::Mysql => 3306,
        }
    }

    /// The value of [`variable`](Server::variable) for a server on this machine.
    pub fn url(self, port: u16) -> String {
        match self {
            Server::Redis => format!("redis://127.0.0.1:{port}"),
            Server::Mongo => format!("mongodb://127.0.0.1:{port}/course"),
            Server::Mysql => format!("mysql://course:course@127.0.0.1:{port}/course"),
        }
    }

    /// What its program can be called, the one that we install first.
    pub fn program_names(self) -> &'static [&'static str] {
        match self {
            Server::Redis => &["redis-server"],
            Server::Mongo => &["mongod"],
            Server::Mysql => &["mariadbd", "mysqld"],
        }
    }

    /// The server's program: on the PATH, or where `cargo course up` put it.
    pub fn program(self) -> Option<PathBuf> {
        // Where MongoDB's program lies within the Python package that has it.
        let installed = folder().join("programs/fiftyone/db/bin/mongod");
        self.program_names()
            .iter()
            .find_map(|name| find(name))
            .or_else(|| (self == Server::Mongo && installed.exists()).then_some(installed))
    }

    /// Runs the server in the foreground, on loopback, with its data in `folder`.
    /// The folder is prepared here, which takes MariaDB some seconds once.
    ///
    /// MySQL: the database and the user that [`url`](Server::url) names are made at
    /// the start, and the user may make more databases whose names begin alike.
    /// There is also `root` without a password.
    ///
    /// # Errors
    ///
    /// One line: the program is missing, or the folder cannot be prepared.
    pub fn command(self, port: u16, folder: &Path) -> Result<Command, String> {
        let program = self
            .program()
            .ok_or_else(|| format!("no {} on the PATH", self.needs()))?;
        let complain = |error: std::io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(folder).map_err(complain)?;
        // A server works in its data folder: a relative path would lead elsewhere.
        let folder = folder.canonicalize().map_err(complain)?;
        let mut command = Command::new(&program);
        let port = port.to_string();
        match self {
            Server::Redis => command
                .args(["--bind", "127.0.0.1", "--port", &port])
                // Sessions that only a restart of Redis would end are not worth a
                // file each minute.
                .args(["--save", "", "--appendonly", "no", "--dir"])
                .arg(&folder),
            Server::Mongo => command
                .args(["--bind_ip", "127.0.0.1", "--port", &port])
                .args(["--nounixsocket", "--networkMessageCompressors", "disabled"])
                .args(["--wiredTigerCacheSizeGB", "0.25"])
                // Unset, an empty data folder takes 300 MB.
                .arg("--wiredTigerEngineConfigString")
                .arg("log=(file_max=4MB,prealloc=false)")
                // Unset, a record that has expired stays for up to a minute.
                .args(["--setParameter", "ttlMonitorSleepSecs=1"])
                .args(["--setParameter", "diagnosticDataCollectionEnabled=false"])
                .arg("--dbpath")
                .arg(&folder),
            Server::Mysql => {
                prepare_mysql(&program, &folder)?;
                command
                    .arg("--no-defaults")
                    .args(["--bind-address=127.0.0.1", &format!("--port={port}")])
                    .arg(option("--datadir", &folder))
                    .arg(option("--socket", &folder.join("s.sock")))
                    .arg(option("--init-file", &write_setup(&folder)?))
                    .args(mysql_user())
                    .env("TMPDIR", &folder)
            }
        };
        command.stdin(Stdio::null());
        Ok(command)
    }

    /// The program's name, as a message says it.
    pub(crate) fn needs(self) -> &'static str {
        self.program_names()[0]
    }

    /// Whether a server of this kind answers there, asked in its own protocol.
    /// Blocks, for 1 s at most.
    pub fn answers(self, address: SocketAddr) -> bool {
        greeting::exchange(self, address).unwrap_or(false)
    }
}

/// The last error in a server's log, or the last line where none is marked as one.
pub fn last_words(log: &str) -> Option<String> {
    let lines = || log.lines().rev().filter(|line| !line.trim().is_empty());
    let marks = [r#""s":"F""#, r#""s":"E""#, "[ERROR]", "[ALERT]", "# "];
    let marked = lines().find(|line| marks.iter().any(|mark| line.contains(mark)));
    let line = marked.or_else(|| lines().next())?;
    // MongoDB's log is JSON.
    let json: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    let told = [&json["attr"]["error"], &json["msg"]];
    let told = told.iter().find_map(|told| told.as_str());
    Some(told.unwrap_or(line).chars().take(200).collect())
}

/// Makes the system tables of an empty data folder. Temporary tables lie there too: a
/// MariaDB that starts deletes those of every other one that has the same TMPDIR.
fn prepare_mysql(server: &Path, folder: &Path) -> Result<(), String> {
    if folder.join("mysql").exists() {
        return Ok(());
    }
    let mut install = if let Some(program) = find("mariadb-install-db") {
        let mut install = Command::new(program);
        install.args(["--no-defaults", "--auth-root-authentication-method=normal"]);
        // Forced, it does without a host name that can be looked up.
        install.args(["--skip-test-db", "--force"]);
        install
    } else {
        // MySQL itself does it with the server's own program.
        let mut install = Command::new(server);
        install.args(["--no-defaults", "--initialize-insecure"]);
        install
    };
    let output = install
        .arg(option("--datadir", folder))
        .args(mysql_user())
        .env("TMPDIR", folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", install.get_program().to_string_lossy()))?;
    if output.status.success() {
        return Ok(());
    }
    // The script tells its reason on either, and after its first error that it gives up.
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told).into_owned();
    let mut lines = told.lines().filter(|line| !line.trim().is_empty());
    let error = lines.clone().find(|line| line.contains("ERROR"));
    let why = error.or_else(|| lines.next_back());
    Err(format!(
        "{}: no data folder for {}: {}",
        folder.display(),
        Server::Mysql.needs(),
        why.unwrap_or("no reason given")
    ))
}

/// The database and the user of the course, as the server reads it at each start.
fn write_setup(folder: &Path) -> Result<PathBuf, String> {
    // The server sees a visitor on loopback under either name.
    let users = ["localhost", "127.0.0.1"].map(|host| {
        format!(
            "CREATE USER IF NOT EXISTS 'course'@'{host}' IDENTIFIED BY 'course';\n\
             GRANT ALL ON `course%`.* TO 'course'@'{host}';\n"
        )
    });
    let database = "CREATE DATABASE IF NOT EXISTS course CHARACTER SET utf8mb4;\n";
    let file = folder.join("course.sql");
    fs::write(&file, users.concat() + database)
        .map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(file)
}

/// Started by root, the server wants to be told whom it shall be.
fn mysql_user() -> Option<&'static str> {
    #[cfg(unix)]
    if rustix::process::geteuid().is_root() {
        return Some("--user=mysql");
    }
    None
}

fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push("=");
    option.push(path);
    option
}

/// Ports on loopback that nobody has now, nor plus 10 000. Linux gives none of these to
/// an outgoing connection, so that a server that was stopped finds its own free when it
/// comes back.
pub fn free_ports(count: usize) -> Result<Vec<u16>, String> {
    let listen = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok();
    let mut held = Vec::new();
    for _ in 0..100 * count {
        if held.len() == count {
            break;
        }
        let port = fastrand::u16(10_000..22_000);
        if let (Some(one), Some(other)) = (listen(port), listen(port + 10_000)) {
            held.push((port, one, other));
        }
    }
    if held.len() < count {
        return Err(format!("no {count} free ports on 127.0.0.1"));
    }
    Ok(held.iter().map(|(port, ..)| *port).collect())
}

/// A program on the PATH, or where Debian has servers and users do not look.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let servers = ["/usr/local/sbin", "/usr/sbin"].map(PathBuf::from);
    env::split_paths(&path)
        .chain(servers)
        .map(|folder| {
            folder
                .join(program)
                .with_extension(env::consts::EXE_EXTENSION)
        })
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests;
