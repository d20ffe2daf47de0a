//! What requests cost.

use super::{
    server::{Noise, Server},
    stage::Stage,
    tenth,
};
use crate::recorded::Request;
use checks::{App, Stop};
use std::time::{Duration, Instant};

/// A read renews after a tenth of the idle timeout, here 6.6 s, which can be waited for.
/// From 65.536 s on the number of its milliseconds is as long as that of the 900 s that
/// nobody changes.
const IDLE: &str = "66";
const RENEWAL_IS_DUE: Duration = Duration::from_millis(6700);

#[derive(Debug)]
pub(super) struct Costs {
    pub(super) begin: Cost,
    pub(super) login: Cost,
    pub(super) read: Cost,
    pub(super) write: Cost,
    pub(super) renewal: Cost,
}

#[derive(Debug)]
pub(super) struct Cost {
    pub(super) request: Request,
    /// For the users' database.
    pub(super) statements: u32,
}

impl Costs {
    pub(super) async fn measure(stage: &Stage, count: u32) -> Result<Costs, Stop> {
        let idle = stage.app_with_idle(IDLE).await?;
        let due = stage.log_in(&idle, count).await?;
        let last = Instant::now();
        let meter = Meter {
            server: &stage.server,
            count,
            noise: stage.server.noise().await?,
        };
        let app = &stage.app;
        let (begin, ()) = meter.read(app, stage.begin(count)).await?;
        let (login, browsers) = meter.read(app, stage.log_in(app, count)).await?;
        let (read, browsers) = meter.read(app, stage.read(browsers)).await?;
        let (write, _) = meter.read(app, stage.pour(browsers)).await?;
        tokio::time::sleep_until((last + RENEWAL_IS_DUE).into()).await;
        let (renewal, _) = meter.read(&idle, stage.read(due)).await?;
        Ok(Costs {
            begin,
            login,
            read,
            write,
            renewal,
        })
    }
}

struct Meter<'a> {
    server: &'a Server,
    /// So many requests at a time.
    count: u32,
    noise: Noise,
}

impl Meter<'_> {
    /// What each of these requests cost, and what came of them.
    async fn read<T>(
        &self,
        app: &App,
        requests: impl Future<Output = Result<T, Stop>>,
    ) -> Result<(Cost, T), Stop> {
        let logged = statements_of(app)?;
        let before = self.server.work().await?;
        let done = requests.await?;
        let after = self.server.work().await?;
        let bill = after.since(&before, self.count, &self.noise)?;
        let [sent, received] = bill.bytes;
        let each = |all: f64| tenth(all / f64::from(self.count));
        let request = Request {
            commands: bill.commands,
            sent: each(sent),
            received: each(received),
        };
        let statements = (statements_of(app)? - logged) / self.count;
        Ok((
            Cost {
                request,
                statements,
            },
            done,
        ))
    }
}

/// How many the log has.
fn statements_of(app: &App) -> Result<u32, Stop> {
    let count = app.log().matches("sqlx::query").count();
    u32::try_from(count).map_err(Stop::harness)
}
