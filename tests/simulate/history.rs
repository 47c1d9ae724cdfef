//! A history: users' edits and runs with faults, made from one seed.

use super::faults::{Fault, MOMENTS, Moment};
use super::random::Random;
use super::templates::{Kind, TEMPLATES, Template};
use bilateral::program::Side;

/// What a user does. Records are named by their place among those that are there, so that a step means something when others are dropped.
#[derive(Debug, Clone)]
pub enum Edit {
    /// A new record with this mark.
    Make {
        pair: usize,
        side: usize,
        mark: usize,
        value: usize,
    },
    Change {
        pair: usize,
        side: usize,
        nth: usize,
        field: usize,
        value: usize,
        blank: bool,
    },
    Extra {
        pair: usize,
        nth: usize,
        value: usize,
    },
    Delete {
        pair: usize,
        side: usize,
        nth: usize,
    },
    /// A lead becomes a contact.
    Convert { nth: usize },
    /// A stamp that lies far ahead.
    Future {
        pair: usize,
        side: usize,
        nth: usize,
    },
}

#[derive(Debug, Clone)]
pub enum Step {
    Edit(Edit),
    Run(Vec<Fault>),
}

#[derive(Debug, Clone)]
pub struct History {
    pub template: &'static Template,
    /// Milliseconds that a read goes back.
    pub overlap: i64,
    /// Milliseconds by which the right store's clock is ahead.
    pub skew: i64,
    /// Records of one page, and units of one batch.
    pub page: usize,
    pub batch: usize,
    pub steps: Vec<Step>,
    /// Faults stand only in runs that no edit follows: the result must be the one without them (I5).
    pub resumes: bool,
}

struct Maker {
    random: Random,
    template: &'static Template,
    marks: usize,
    values: usize,
}

impl Maker {
    fn pair(&mut self) -> usize {
        self.random.below(self.template.pairs.len())
    }

    fn value(&mut self) -> usize {
        self.values += 1;
        self.values
    }

    fn make(&mut self) -> Vec<Edit> {
        let pair = self.pair();
        let made = self.template.pairs[pair].made;
        let side = if made[0] && (!made[1] || self.random.percent(60)) {
            0
        } else {
            1
        };
        self.marks += 1;
        let mut edits = vec![Edit::Make {
            pair,
            side,
            mark: self.marks,
            value: self.value(),
        }];
        // Now and then both sides know a record before they are linked.
        if made == [true, true] && self.random.percent(15) {
            edits.push(Edit::Make {
                pair,
                side: 1 - side,
                mark: self.marks,
                value: self.value(),
            });
        }
        edits
    }

    fn edits(&mut self, makes: bool) -> Vec<Edit> {
        let pair = self.pair();
        let rules = &self.template.pairs[pair];
        let side = self.random.below(2);
        let nth = self.random.below(20);
        match self.random.below(100) {
            0..20 if makes => self.make(),
            20..26 if rules.deleted[side] => vec![Edit::Delete { pair, side, nth }],
            26..34 if !rules.extra.is_empty() => vec![Edit::Extra {
                pair,
                nth,
                value: self.random.below(5),
            }],
            34..38 if self.template.name == "alternatives" => vec![Edit::Convert { nth }],
            38..40 => vec![Edit::Future { pair, side, nth }],
            _ => {
                let field = self.random.below(rules.fields.len());
                let blank = rules.fields[field].kind == Kind::Text && self.random.percent(8);
                let value = self.value();
                vec![Edit::Change {
                    pair,
                    side,
                    nth,
                    field,
                    value,
                    blank,
                }]
            }
        }
    }

    fn some_edits(&mut self, most: usize) -> Vec<Step> {
        let count = self.random.below(most + 1);
        (0..count)
            .flat_map(|_| self.edits(true))
            .map(Step::Edit)
            .collect()
    }

    fn moment(&mut self) -> Moment {
        MOMENTS[self.random.below(MOMENTS.len())]
    }

    fn fault(&mut self, edits: bool) -> Fault {
        let side = if self.random.percent(50) {
            Side::Left
        } else {
            Side::Right
        };
        let nth = 1 + self.random.below(6);
        match self.random.below(10) {
            0..5 => {
                let moment = self.moment();
                let nth = if moment == Moment::Read {
                    1 + self.random.below(20)
                } else {
                    nth
                };
                Fault::Kill(moment, nth)
            }
            5 => Fault::Down(side, nth),
            6 => Fault::Unreadable(side, nth),
            7 => Fault::Refuse {
                nth: 1 + self.random.below(10),
                transient: !edits || self.random.percent(60),
            },
            _ if edits => {
                let moment = self.moment();
                let count = 1 + self.random.below(3);
                let edits = (0..count).flat_map(|_| self.edits(false)).collect();
                Fault::Meanwhile(moment, nth, edits)
            }
            _ => {
                let moment = self.moment();
                Fault::Kill(moment, nth)
            }
        }
    }

    fn faults(&mut self, edits: bool) -> Vec<Fault> {
        let count = 1 + self.random.below(2);
        (0..count).map(|_| self.fault(edits)).collect()
    }
}

impl History {
    pub fn new(seed: u64) -> History {
        let mut random = Random::new(seed);
        let template = &TEMPLATES[(seed as usize) % TEMPLATES.len()];
        let resumes = random.percent(50);
        let overlap = [0, 1000, 60_000][random.below(3)];
        let skew = [0, 0, 300_000, -45_000][random.below(4)];
        let (page, batch) = (2 + random.below(5), 1 + random.below(8));
        let mut maker = Maker {
            random,
            template,
            marks: 0,
            values: 0,
        };
        let mut steps: Vec<Step> = (0..2 + maker.random.below(6))
            .flat_map(|_| maker.make())
            .map(Step::Edit)
            .collect();
        let rounds = 1 + maker.random.below(4);
        for _ in 0..rounds {
            let faulty = !resumes && maker.random.percent(60);
            let faults = if faulty {
                maker.faults(true)
            } else {
                Vec::new()
            };
            steps.push(Step::Run(faults));
            steps.extend(maker.some_edits(6));
        }
        for _ in 0..1 + maker.random.below(3) {
            let faults = maker.faults(!resumes);
            steps.push(Step::Run(faults));
        }
        History {
            template,
            overlap,
            skew,
            page,
            batch,
            steps,
            resumes,
        }
    }

    /// The same history without a fault.
    pub fn undisturbed(&self) -> History {
        let steps = self.steps.iter().map(|step| match step {
            Step::Run(_) => Step::Run(Vec::new()),
            edit => edit.clone(),
        });
        History {
            steps: steps.collect(),
            ..self.clone()
        }
    }

    /// Histories with a little less in them.
    pub fn smaller(&self) -> Vec<History> {
        let mut all = Vec::new();
        let with = |steps: Vec<Step>| History {
            steps,
            ..self.clone()
        };
        for place in (0..self.steps.len()).rev() {
            let mut steps = self.steps.clone();
            steps.remove(place);
            all.push(with(steps));
            if let Step::Run(faults) = &self.steps[place] {
                for fault in 0..faults.len() {
                    let mut less = faults.clone();
                    less.remove(fault);
                    let mut steps = self.steps.clone();
                    steps[place] = Step::Run(less);
                    all.push(with(steps));
                }
            }
        }
        all
    }
}

impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{} (overlap {} ms, skew {} ms, pages of {}, batches of {}{})",
            self.template.name,
            self.overlap,
            self.skew,
            self.page,
            self.batch,
            if self.resumes { ", resumes" } else { "" }
        )?;
        self.steps
            .iter()
            .try_for_each(|step| writeln!(f, "  {step:?}"))
    }
}
