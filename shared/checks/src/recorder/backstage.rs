//! Behind the app: the store that a scene is played on, and who listens there.

use super::wire::Wire;
use crate::{
    app::App,
    course::{Course, Place},
    is_on,
    lesson::Step,
    matrix::{Backend, Matrix},
    store::{Junk, Kind, Store},
    target::Target,
    verdict::{Stop, Verdict},
};
use std::path::PathBuf;

pub(super) struct Backstage {
    course: Course,
    /// `None` where there is no wire, or nobody answers.
    wire: Option<Wire>,
}

impl Backstage {
    /// A store of this kind, or the step's default, on a server of its own, where
    /// nobody else's commands are heard.
    pub(super) async fn open(
        step: &Step,
        program: PathBuf,
        kind: Option<Kind>,
    ) -> Result<Backstage, Stop> {
        let matrix = Matrix::of_the_course().map_err(Stop::Harness)?;
        let backends = matrix.backends(step.name);
        let place = match kind {
            Some(kind) => Place::chosen(Backend::Store(kind), backends),
            None => Place::default_of(backends),
        };
        let mut course = Course::at(Target::Own(program), place, backends);
        if let Some(server) = place.kind.server() {
            // A scene may choose another store than the one that the step needs.
            if server.program().is_none() && !is_on("COURSE_STRICT") {
                return Err(Stop::NotJudged(format!("needs {}", server.needs())));
            }
            course = course.with_a_server_of_its_own().await?;
        }
        let mut backstage = Backstage { course, wire: None };
        backstage.listen().await?;
        Ok(backstage)
    }

    pub(super) async fn start(&self, settings: &[(&str, &str)]) -> Result<App, Stop> {
        self.course.app_with(settings).await
    }

    async fn store(&self) -> Result<&Store, Stop> {
        self.course.store().await
    }

    async fn listen(&mut self) -> Verdict {
        self.wire = Wire::of(self.store().await?).await?;
        Ok(())
    }

    /// The commands that the store received since this was asked last; `None` where
    /// nobody listens.
    pub(super) async fn heard(&mut self) -> Result<Option<Vec<String>>, Stop> {
        match &mut self.wire {
            Some(wire) => wire.heard().await.map(Some),
            None => Ok(None),
        }
    }

    pub(super) async fn forget(&self, id: &str) -> Verdict {
        self.store().await?.forget(id).await
    }

    pub(super) async fn spoil(&self, id: &str) -> Verdict {
        let junk = Junk::Bytes(b"junk".to_vec());
        self.store().await?.spoil(id, &junk).await
    }

    pub(super) async fn kill(&mut self) -> Verdict {
        self.wire = None;
        self.store().await?.kill().await
    }

    pub(super) async fn start_again(&mut self) -> Verdict {
        self.store().await?.start_again().await?;
        self.listen().await
    }

    pub(super) async fn freeze(&mut self) -> Verdict {
        self.wire = None;
        self.store().await?.freeze()
    }

    pub(super) async fn thaw(&mut self) -> Verdict {
        self.store().await?.thaw()?;
        self.listen().await
    }
}
