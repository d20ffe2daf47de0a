//! The first words of each protocol, by hand: enough to tell that the right kind
//! of server answers, and that it answers at all.

use super::Server;
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// For connecting, and again for the answer.
const LIMIT: Duration = Duration::from_millis(500);

/// MongoDB's `{hello: 1, $db: "admin"}` as a message of its protocol, OP_MSG.
const HELLO: &[u8] = b"\x34\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0\
    \x1f\0\0\0\x10hello\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0";

pub(super) fn exchange(server: Server, address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    let mut ask = |question: &[u8], buffer: &mut [u8]| {
        stream.write_all(question)?;
        stream.read_exact(buffer)
    };
    match server {
        Server::Redis => {
            let mut answer = [0; 5];
            ask(b"PING\r\n", &mut answer)?;
            // One with a password answers too: with what it thinks of us.
            Ok(&answer == b"+PONG" || &answer == b"-NOAU")
        }
        Server::Mongo => {
            let mut header = [0; 16];
            ask(HELLO, &mut header)?;
            // Length, number, what it answers, kind of message.
            Ok(header[8..] == HELLO_ANSWERED)
        }
        Server::Mysql => {
            // It speaks first: length and number of the packet, then version 10.
            let mut greeting = [0; 5];
            ask(b"", &mut greeting)?;
            Ok(greeting[3..] == [0, 10])
        }
    }
}

/// The answer to message 1, an OP_MSG too.
const HELLO_ANSWERED: [u8; 8] = [1, 0, 0, 0, 0xdd, 0x07, 0, 0];
