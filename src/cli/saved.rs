//! Saved plans: `plan --out FILE`, `apply FILE`.
//!
//! The file: one line of JSON ([`SavedHeader`]), then the units, each as its length (four bytes, little end first) and its bytes
//! (`plan::codec`), then a zero length and the blake3 hash of all bytes before it. A plan that was cut short has no such end and is refused.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::exit::{Cause, Exit, plan_output};
use super::header::Header;
use super::load::Loaded;
use super::options::{Common, Setting};
use crate::ledger::Ledger;
use crate::plan::{PlanError, Sink, Summary, Unit, codec};
use crate::program::Program;

const VERSION: u32 = 2;

/// No unit is larger: a length beyond it is damage.
const LARGEST_UNIT: usize = 256 << 20;

/// What a plan was made from; it is applied only to exactly that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedHeader {
    /// Of this format.
    pub bilateral_plan: u32,
    pub run: String,
    pub created_at: String,
    pub program: String,
    /// Of the program, in hexadecimal.
    pub hash: String,
    /// Of the ledger.
    pub generation: u64,
    /// The program's folder or file, absolute.
    pub rules: PathBuf,
    /// stores.yaml, absolute.
    pub stores: PathBuf,
    pub ledger: PathBuf,
    pub settings: Vec<(String, String)>,
}

impl SavedHeader {
    /// The `--set` of the plan.
    pub fn settings(&self) -> Vec<Setting> {
        self.settings
            .iter()
            .map(|(name, value)| Setting {
                name: name.clone(),
                value: value.clone(),
            })
            .collect()
    }
}

/// A plan that is being saved; the file appears under its name only once it is whole.
pub struct SavedPlan {
    path: PathBuf,
    out: BufWriter<NamedTempFile>,
    hash: blake3::Hasher,
    encoder: codec::Encoder,
    bytes: Vec<u8>,
}

impl SavedPlan {
    /// # Errors
    /// The file can't be made; the ledger can't be read.
    pub fn create(
        path: &Path,
        loaded: &Loaded,
        common: &Common,
        header: &Header,
        ledger: &Ledger,
    ) -> Result<SavedPlan, Exit> {
        let header = SavedHeader {
            bilateral_plan: VERSION,
            run: header.run.clone(),
            created_at: header.created_at(),
            program: loaded.program.name.to_string(),
            hash: hex(&loaded.program.hash),
            generation: ledger.generation()?,
            rules: absolute(&loaded.place.rules)?,
            stores: absolute(loaded.place.stores()?)?,
            ledger: std::path::absolute(&loaded.ledger.path)
                .map_err(|error| Exit::reading(&loaded.ledger.path, &error))?,
            settings: common
                .set
                .iter()
                .map(|set| (set.name.clone(), set.value.clone()))
                .collect(),
        };
        SavedPlan::begin(path, &header)
    }

    fn begin(path: &Path, header: &SavedHeader) -> Result<SavedPlan, Exit> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = NamedTempFile::new_in(folder).map_err(|error| Exit::writing(path, &error))?;
        let mut plan = SavedPlan {
            path: path.to_owned(),
            out: BufWriter::new(file),
            hash: blake3::Hasher::new(),
            encoder: codec::Encoder::default(),
            bytes: Vec::new(),
        };
        let mut line = serde_json::to_vec(header)
            .map_err(|error| Exit::writing(path, &std::io::Error::from(error)))?;
        line.push(b'\n');
        plan.write(&line)
            .map_err(|error| Exit::writing(path, &error))?;
        Ok(plan)
    }

    /// # Errors
    /// The disk takes no more.
    pub fn unit(&mut self, unit: &Unit) -> Result<(), PlanError> {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        self.encoder.encode(unit, &mut bytes);
        let written = u32::try_from(bytes.len())
            .map_err(|_| std::io::Error::other("a unit of more than 4 GiB"))
            .and_then(|length| self.write(&length.to_le_bytes()))
            .and_then(|()| self.write(&bytes));
        self.bytes = bytes;
        written.map_err(|error| plan_output(&error))
    }

    /// Makes the file whole and visible.
    ///
    /// # Errors
    /// The disk takes no more.
    pub fn finish(mut self) -> Result<(), Exit> {
        let path = self.path.clone();
        let wrong = |error: std::io::Error| Exit::writing(&path, &error);
        self.write(&0_u32.to_le_bytes()).map_err(wrong)?;
        let seal = self.hash.finalize();
        self.out.write_all(seal.as_bytes()).map_err(wrong)?;
        let file = self
            .out
            .into_inner()
            .map_err(|error| wrong(error.into_error()))?;
        file.as_file().sync_all().map_err(wrong)?;
        file.persist(&self.path)
            .map_err(|error| wrong(error.error))?;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.hash.update(bytes);
        self.out.write_all(bytes)
    }
}

/// A saved plan that is being read; whole, as far as its seal tells.
#[derive(Debug)]
pub struct SavedUnits {
    pub header: SavedHeader,
    path: PathBuf,
    input: BufReader<File>,
    decoder: codec::Decoder,
}

impl SavedUnits {
    /// Checks the whole file, and stands before its first unit.
    ///
    /// # Errors
    /// A file that can't be read, is no plan, or was cut short.
    pub fn open(path: &Path) -> Result<SavedUnits, Exit> {
        check_seal(path)?;
        let file = File::open(path).map_err(|error| Exit::reading(path, &error))?;
        let mut input = BufReader::with_capacity(1 << 20, file);
        let mut line = Vec::new();
        input
            .read_until(b'\n', &mut line)
            .map_err(|error| Exit::reading(path, &error))?;
        let header: SavedHeader = serde_json::from_slice(&line).map_err(|_| no_plan(path))?;
        if header.bilateral_plan != VERSION {
            return Err(Exit::new(
                Cause::Failed,
                format!(
                    "{} was saved by another version of bilateral: plan again",
                    path.display()
                ),
            ));
        }
        Ok(SavedUnits {
            header,
            path: path.to_owned(),
            input,
            decoder: codec::Decoder::default(),
        })
    }

    /// # Errors
    /// The plan no longer fits the rules or the ledger.
    pub fn check(&self, loaded: &Loaded, ledger: &Ledger) -> Result<(), Exit> {
        let stale = |what: &str| {
            let path = self.path.display();
            let message = format!("{path} is stale: {what} since it was made; plan again");
            Err(Exit::new(Cause::Failed, message))
        };
        if self.header.hash != hex(&loaded.program.hash) {
            return stale("the rules, the settings or the schemas changed");
        }
        if self.header.generation != ledger.generation()? {
            return stale("the ledger changed (another run, or an edit of its lists)");
        }
        Ok(())
    }

    /// Hands the units over, and counts them as planning did.
    ///
    /// # Errors
    /// A damaged file; a receiver that takes no more.
    pub fn feed(&mut self, program: &Program, sink: &mut dyn Sink) -> Result<Summary, PlanError> {
        let mut summary = Summary::new(program);
        for unit in self {
            let mut unit = unit?;
            summary.add(&unit);
            sink.unit(&mut unit)?;
        }
        Ok(summary)
    }

    fn next_unit(&mut self) -> std::io::Result<Option<Unit>> {
        let mut length = [0; 4];
        self.input.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        if length == 0 {
            return Ok(None);
        }
        if length > LARGEST_UNIT {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length];
        self.input.read_exact(&mut bytes)?;
        let mut at = 0;
        match self.decoder.decode(&bytes, &mut at) {
            Some(unit) if at == length => Ok(Some(unit)),
            _ => Err(std::io::ErrorKind::InvalidData.into()),
        }
    }
}

impl Iterator for SavedUnits {
    type Item = Result<Unit, PlanError>;
    fn next(&mut self) -> Option<Self::Item> {
        let unit = self.next_unit();
        let damaged = |error| PlanError::Output(format!("{}: {error}", self.path.display()));
        unit.map_err(damaged).transpose()
    }
}

/// Whether the file is whole: its last bytes are the hash of all others.
fn check_seal(path: &Path) -> Result<(), Exit> {
    let wrong = |error: std::io::Error| Exit::reading(path, &error);
    let file = File::open(path).map_err(wrong)?;
    let length = file.metadata().map_err(wrong)?.len();
    let seal_length = blake3::OUT_LEN as u64;
    let Some(content) = length.checked_sub(seal_length) else {
        return Err(no_plan(path));
    };
    let mut input = BufReader::new(file);
    let mut hash = blake3::Hasher::new();
    hash.update_reader((&mut input).take(content))
        .map_err(wrong)?;
    let mut seal = [0; blake3::OUT_LEN];
    input.read_exact(&mut seal).map_err(wrong)?;
    if hash.finalize() == seal {
        Ok(())
    } else {
        Err(no_plan(path))
    }
}

fn no_plan(path: &Path) -> Exit {
    Exit::new(
        Cause::Failed,
        format!(
            "{} is no saved plan, or was cut short: make one with `bilateral plan --out FILE`",
            path.display()
        ),
    )
}

fn absolute(path: &Path) -> Result<PathBuf, Exit> {
    path.canonicalize()
        .map_err(|error| Exit::reading(path, &error))
}

fn hex(hash: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fixture;

    fn header() -> SavedHeader {
        SavedHeader {
            bilateral_plan: VERSION,
            run: "r".into(),
            created_at: "2024-06-01T12:00:00.000Z".into(),
            program: "people".into(),
            hash: "00".into(),
            generation: 3,
            rules: "/rules".into(),
            stores: "/stores.yaml".into(),
            ledger: "/ledger.db".into(),
            settings: vec![("A".into(), "1".into())],
        }
    }

    fn saved(folder: &Path) -> PathBuf {
        let path = folder.join("june.plan");
        let mut plan = SavedPlan::begin(&path, &header()).unwrap();
        for unit in [fixture::create(), fixture::update(1)] {
            plan.unit(&unit).unwrap();
        }
        assert!(!path.exists(), "the file is visible before it is whole");
        plan.finish().unwrap();
        path
    }

    #[test]
    fn a_plan_comes_back_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let plan = SavedUnits::open(&saved(folder.path())).unwrap();
        assert_eq!(plan.header, header());
        let units: Result<Vec<Unit>, PlanError> = plan.collect();
        assert_eq!(units.unwrap(), [fixture::create(), fixture::update(1)]);
    }

    #[test]
    fn a_damaged_or_short_plan_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = saved(folder.path());
        let whole = std::fs::read(&path).unwrap();
        for length in [0, 10, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            let exit = SavedUnits::open(&path).unwrap_err();
            assert_eq!(exit.cause, Cause::Failed, "{length} bytes");
        }
        let mut damaged = whole.clone();
        damaged[whole.len() / 2] ^= 1;
        std::fs::write(&path, damaged).unwrap();
        assert!(SavedUnits::open(&path).is_err());
    }
}
