//! Listening: a bounded number of connections, none of which may dawdle.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::serve::ServeError;
use crate::serve::log::{Level, Log};

/// Connections at once; more wait until one is over.
const CONNECTIONS: usize = 128;

/// For a request's head, and between two requests of a connection.
const HEAD: Duration = Duration::from_secs(15);

/// The largest head of a request, in bytes.
const HEAD_LIMIT: usize = 16 << 10;

/// For the requests that are being answered when the daemon stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// After an error of the listener itself (no more file handles).
const REST: Duration = Duration::from_millis(200);

pub struct Server {
    runtime: Runtime,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    pub address: SocketAddr,
}

impl Server {
    /// Listens from now on.
    ///
    /// # Errors
    /// [`ServeError::Listen`]: the address is in use, not this machine's, or not allowed.
    pub fn start(
        address: SocketAddr,
        router: Router,
        log: &Arc<dyn Log>,
    ) -> Result<Server, ServeError> {
        let listen = |error: std::io::Error| ServeError::Listen {
            address,
            reason: reason(&error),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("bilateral-http")
            .enable_all()
            .build()
            .map_err(listen)?;
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (stop, stopped) = watch::channel(false);
        let serving = runtime.spawn(accept(listener, router, stopped));
        log.say(
            Level::Info,
            "listening",
            &[("address", json!(format!("http://{address}")))],
        );
        if !address.ip().is_loopback() {
            log.say(
                Level::Warning,
                "others can reach this address: the page and the metrics are open to them, and nothing is encrypted",
                &[],
            );
        }
        Ok(Server {
            runtime,
            stop,
            serving,
            address,
        })
    }

    /// Takes no more requests, and waits for those that are being answered.
    pub fn stop(self) {
        let _ = self.stop.send(true);
        let Server {
            runtime, serving, ..
        } = self;
        runtime.block_on(async {
            let _ = serving.await;
        });
        runtime.shutdown_timeout(Duration::from_secs(1));
    }
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "something else listens there: stop it, or name another address with --listen"
                .to_owned()
        }
        std::io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address: name another one with --listen".to_owned()
        }
        std::io::ErrorKind::PermissionDenied => {
            "that port may not be used: name one above 1023 with --listen".to_owned()
        }
        _ => error.to_string(),
    }
}

async fn accept(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => break,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(REST).await;
            continue;
        };
        let connection = graceful.watch(connection(stream, router.clone()));
        tokio::spawn(async move {
            // A client that went away, or spoke something else, is nobody to tell.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(FAREWELL, graceful.shutdown()).await;
}

fn connection(
    stream: TcpStream,
    router: Router,
) -> http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Router>> {
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
}
