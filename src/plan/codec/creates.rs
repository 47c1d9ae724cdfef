//! Batches of nothing but new records, read for what their writes and links need: no unit is made of their bytes.

use smol_str::SmolStr;

use super::base::ByLine;
use super::read::Reader;
use super::{FORMS, NEW};
use crate::plan::base::{AS_WRITTEN, LineBase, hash};
use crate::plan::{Because, LinkOutcome, Operation, OperationKind, To, Unit};
use crate::program::{Direction, RelId, Side};
use crate::store::{Expect, Write, WriteKind};
use crate::value::Value;

/// New records of one object, each made of a record of the other side and then linked with it; nothing else is written.
pub struct Creates {
    pub relationship: RelId,
    pub direction: Direction,
    pub object: SmolStr,
    /// Whoever has written them may take them out.
    pub writes: Vec<Write>,
    /// What each is made of.
    pub sources: Vec<Source>,
    /// The bases of their links, one behind the other.
    bases: Vec<LineBase>,
    /// Lines of a base.
    lines: usize,
}

/// The record that another one is made of.
pub struct Source {
    pub alternative: u16,
    pub id: Value,
    pub stamp: Value,
}

impl Creates {
    /// None yet, of the kind that a form is of; `None` where its units are more than a create.
    fn of(form: &Unit) -> Option<Creates> {
        let create = plain(form)?;
        Some(Creates {
            relationship: form.relationship,
            direction: create.direction,
            object: create.object.clone(),
            writes: Vec::new(),
            sources: Vec::new(),
            bases: Vec::new(),
            lines: form.base.len(),
        })
    }

    fn takes(&self, form: &Unit) -> bool {
        plain(form).is_some_and(|create| {
            self.relationship == form.relationship
                && self.direction == create.direction
                && self.object == create.object
                && self.lines == form.base.len()
        })
    }

    pub fn count(&self) -> usize {
        self.sources.len()
    }

    /// The side that they are made on.
    pub fn side(&self) -> Side {
        self.direction.target()
    }

    /// The base of a link, by its record's place.
    pub fn base(&self, place: usize) -> &[LineBase] {
        &self.bases[place * self.lines..][..self.lines]
    }
}

/// A batch that holds nothing else; `None` where it does (or is damaged).
pub fn decode_creates(bytes: &[u8]) -> Option<Creates> {
    let mut r = Reader { bytes, at: 0 };
    let mut forms: Vec<Unit> = Vec::new();
    let mut creates: Option<Creates> = None;
    while r.at < bytes.len() {
        let number = match r.number()? {
            NEW => {
                let form = r.form().filter(|_| forms.len() < FORMS)?;
                match &creates {
                    Some(creates) => creates.takes(&form).then_some(())?,
                    None => creates = Some(Creates::of(&form)?),
                }
                forms.push(form);
                forms.len()
            }
            number => usize::try_from(number).ok()?,
        };
        r.create(forms.get(number - 1)?, creates.as_mut()?)?;
    }
    creates
}

/// The operation of a unit that makes one record of another one, refers to nothing and leaves a link.
pub(super) fn plain(form: &Unit) -> Option<&Operation> {
    let [create] = &form.operations[..] else {
        return None;
    };
    let [source, target] = [create.direction.source(), create.direction.target()];
    let plain = create.kind == OperationKind::Create
        && create.side == target
        && form.link.is_none()
        && form.records[source.index()].is_some()
        && form.records[target.index()].is_none()
        && form.outcome == LinkOutcome::Linked
        && form.moved.is_none()
        && form.step.is_none()
        && form.old_base.is_empty()
        && form.kept.iter().all(Vec::is_empty)
        && create.expect_fields.is_empty()
        && create.together.is_empty()
        && !matches!(create.because, Because::Undone(_))
        && (create.changes.iter()).all(|c| c.from.is_null() && matches!(c.to, To::Value(_)));
    plain.then_some(create)
}

impl Reader<'_> {
    /// A unit of this form, whose places are in the order of `slots.rs`.
    fn create(&mut self, form: &Unit, creates: &mut Creates) -> Option<()> {
        let create = form.operations.first()?;
        let source = create.direction.source();
        let record = form.records[source.index()].as_ref()?;
        let mut known: [Value; 4] = Default::default();
        known[source.index()] = self.filled(&record.id, &known)?;
        known[2 + source.index()] = self.filled(&record.stamp, &known)?;
        let id = match &create.id {
            Some(id) => Some(self.filled(id, &known)?),
            None => None,
        };
        if let Some(source) = &create.source {
            self.filled(&source.id, &known)?;
        }
        let mut fields = Vec::with_capacity(create.changes.len());
        for change in &create.changes {
            if let To::Value(value) = &change.to {
                fields.push((change.field.clone(), self.filled(value, &known)?));
            }
        }
        self.filled(&create.expect, &known)?;
        let mut by_line = ByLine::of(&create.changes);
        for (line, hashes) in form.base.iter().enumerate() {
            let hashes = match hashes {
                Some(AS_WRITTEN) => Some([hash(&fields[by_line.place(line)?].1); 2]),
                Some(hashes) => Some(self.hashes(*hashes)?),
                None => None,
            };
            creates.bases.push(hashes);
        }
        creates.writes.push(Write {
            kind: WriteKind::Create { id },
            fields,
            expect: Expect::Anything,
        });
        creates.sources.push(Source {
            alternative: record.alternative,
            id: std::mem::take(&mut known[source.index()]),
            stamp: std::mem::take(&mut known[2 + source.index()]),
        });
        Some(())
    }
}
