//! One end of a replica stream that a test plays: a master that lies, or a replica that does.

use reeve::error::ErrorRecord;
use reeve::net::{Accepted, Connection, FrameReader, FrameWriter, Handler, Pending};
use reeve::replication::coding;
use reeve::replication::message::{ToMaster, ToReplica};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Far longer than anything takes here.
pub const LONG: Duration = Duration::from_secs(120);

/// A stream of either side.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// One end.
pub struct Line {
    reader: FrameReader<ReadHalf<Box<dyn Stream>>>,
    writer: FrameWriter<WriteHalf<Box<dyn Stream>>>,
}

impl Line {
    /// The master's end.
    pub fn of(accepted: Accepted) -> Line {
        Line::over(Box::new(accepted.stream), accepted.ends)
    }

    /// The replica's end.
    pub fn to(connection: Connection) -> Line {
        Line::over(Box::new(connection.stream), connection.ends)
    }

    fn over(stream: Box<dyn Stream>, ends: reeve::net::Ends) -> Line {
        let (reader, writer) = tokio::io::split(stream);
        Line { reader: FrameReader::new(reader, ends.clone()), writer: FrameWriter::new(writer, ends) }
    }

    pub async fn tell_replica(&mut self, epoch: u64, message: ToReplica) {
        // The other end may have hung up already.
        let _ = self.writer.write(&coding::to_replica(epoch, &message).unwrap()).await;
    }

    pub async fn tell_master(&mut self, epoch: u64, message: ToMaster) {
        let _ = self.writer.write(&coding::to_master(epoch, &message).unwrap()).await;
    }

    pub async fn hear_replica(&mut self) -> Option<ToMaster> {
        let frame = timeout(LONG, self.reader.read()).await.expect("in time").ok()??;
        Some(coding::from_replica(&frame).unwrap())
    }

    pub async fn hear_master(&mut self) -> Result<Option<ToReplica>, ErrorRecord> {
        let frame = timeout(LONG, self.reader.read()).await.expect("in time")?;
        frame.map(coding::from_master).transpose()
    }

    /// The id of the farewell that the master says, of what else comes, or of the error that ends the connection.
    pub async fn farewell(&mut self) -> (String, String) {
        loop {
            match self.hear_master().await {
                Ok(Some(ToReplica::Farewell { id, message })) => return (id, message),
                Ok(Some(_)) => {}
                Ok(None) => return ("ended".into(), String::new()),
                Err(error) => return (error.id().into(), error.message().into()),
            }
        }
    }
}

/// Hands connections to the test.
pub struct ToTest(pub mpsc::Sender<Accepted>);

impl Handler for ToTest {
    fn accepted(&self, accepted: Accepted) -> Pending<()> {
        let to = self.0.clone();
        Box::pin(async move { drop(to.send(accepted).await) })
    }

    fn refused(&self, _from: SocketAddr, _error: ErrorRecord) {}
}

/// Runs what is async.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(work)
}
