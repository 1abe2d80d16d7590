//! A server that tells what it gets, and answers as a test wants it to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// What a client has sent.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Starts a server that gives the status and the body that `respond` returns. Returns its URL, and
/// what it gets.
pub(crate) fn serve(
    respond: impl Fn(&Request) -> (u64, String) + Send + Sync + 'static,
) -> (String, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    let respond = Arc::new(respond);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (respond, sender) = (Arc::clone(&respond), sender.clone());
            thread::spawn(move || {
                let mut reader = BufReader::new(stream.unwrap());
                let Some(request) = read(&mut reader) else {
                    // The client has gone.
                    return;
                };
                let (status, response) = respond(&request);
                // Who asks for what was sent gets it before the client goes on. Not every test asks.
                let _nobody_may_ask = sender.send(request);
                let _client_may_be_gone = write!(
                    reader.get_mut(),
                    "HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\n\
                     Content-Length: {}\r\nConnection: close\r\n\r\n{response}",
                    response.len()
                );
            });
        }
    });
    (url, receiver)
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut lines = Vec::new();
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let header = |name: &str| {
        lines.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    if header("Expect").is_some() {
        let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
        reader.get_mut().write_all(go_on).ok()?;
    }
    let mut body = Vec::new();
    if header("Transfer-Encoding").is_some() {
        loop {
            let length = usize::from_str_radix(&read_line(reader)?, 16).unwrap();
            let start = body.len();
            body.resize(start + length, 0);
            reader.read_exact(&mut body[start..]).ok()?;
            read_line(reader)?;
            if length == 0 {
                break;
            }
        }
    } else {
        let length = header("Content-Length").map_or(0, |length| length.parse().unwrap());
        body.resize(length, 0);
        reader.read_exact(&mut body).ok()?;
    }
    let mut words = lines[0].split(' ').map(str::to_owned);
    Some(Request {
        method: words.next().unwrap(),
        path: words.next().unwrap(),
        authorization: header("Authorization"),
        content_type: header("Content-Type"),
        body,
    })
}

/// A line without its end; `None` at the end of what was sent.
fn read_line(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let length = reader.read_line(&mut line).unwrap_or(0);
    (length > 0).then(|| line.trim_end().to_owned())
}
