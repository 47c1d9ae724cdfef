//! Where everything stands, in pixels: three columns of boxes that never overlap, lines only in the gaps between the columns, and outside of
//! them one lane for each reference that would meet another.

use super::order::{Order, order};
use super::{Arrow, Picture, Reference};

/// A character of the picture's fixed-width font at its size.
const CHARACTER: f64 = 7.3;
/// Characters of a name that are shown.
const LONGEST: usize = 32;
const MARGIN: f64 = 16.0;
const HEAD: f64 = 44.0;
const BOX: f64 = 30.0;
const PADDING: f64 = 12.0;
/// Between two lines that end at one box.
const PORT: f64 = 9.0;
/// Between boxes of a column.
const GAP: f64 = 14.0;
const ROW: f64 = BOX + GAP;
/// Between the columns.
const GUTTER: f64 = 110.0;
/// Between two references that run beside each other.
const LANE: f64 = 11.0;

/// A box with its name, and the whole name where it is cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Boxed {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub text: String,
    pub whole: Option<String>,
}

/// From an object to a relationship, on one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub relationship: usize,
    pub side: usize,
    /// At the object.
    pub object: (f64, f64),
    /// At the relationship.
    pub tie: (f64, f64),
    /// The edge of the relationships' column: from there on the line is straight, so that it touches no other relationship.
    pub column: f64,
    /// Data arrives at the object.
    pub arrives: bool,
}

/// A dashed way around: from its object out to the lane, along it, and back in.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    pub from: (f64, f64),
    pub to: (f64, f64),
    pub lane: f64,
    /// What it means.
    pub title: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    pub width: f64,
    pub height: f64,
    /// The middle of each column: left store, relationships, right store.
    pub columns: [f64; 3],
    pub objects: [Vec<Boxed>; 2],
    pub relationships: Vec<Boxed>,
    pub lines: Vec<Line>,
    pub ways: Vec<Way>,
}

impl Boxed {
    fn new(name: &str) -> Boxed {
        let whole = name.chars().count() > LONGEST;
        let text: String = if whole {
            name.chars().take(LONGEST - 1).chain(['…']).collect()
        } else {
            name.to_owned()
        };
        Boxed {
            x: 0.0,
            y: 0.0,
            width: text_width(&text) + 2.0 * PADDING,
            height: BOX,
            text,
            whole: whole.then(|| name.to_owned()),
        }
    }
    pub fn middle(&self) -> f64 {
        self.y + self.height / 2.0
    }
}

/// Characters beyond the alphabets of Europe may be twice as wide.
pub fn text_width(text: &str) -> f64 {
    let characters = text.chars().map(|c| if c < '\u{1100}' { 1.0 } else { 2.0 });
    characters.sum::<f64>() * CHARACTER
}

/// Finds a place for everything.
pub fn layout(picture: &Picture) -> Layout {
    let order = order(picture);
    let mut layout = Layout {
        width: 0.0,
        height: 0.0,
        columns: [0.0; 3],
        objects: [0, 1].map(|side| {
            picture.objects[side]
                .iter()
                .map(|n| Boxed::new(n))
                .collect()
        }),
        relationships: picture
            .relationships
            .iter()
            .map(|tie| Boxed::new(&tie.name))
            .collect(),
        lines: Vec::new(),
        ways: Vec::new(),
    };
    layout.rows(&order);
    for side in [0, 1] {
        layout.column(picture, &order, side);
    }
    layout.downwards();
    let lanes = [0, 1].map(|side| layout.lanes(picture, side));
    layout.across(picture, &lanes);
    layout.tie(picture);
    layout.refer(picture, lanes);
    layout
}

impl Layout {
    fn rows(&mut self, order: &Order) {
        for (tie, row) in self.relationships.iter_mut().zip(&order.rows) {
            tie.y = *row as f64 * ROW;
        }
    }

    /// The objects of a side, each as near as it can be to the middle of its relationships.
    fn column(&mut self, picture: &Picture, order: &Order, side: usize) {
        let boxes = &mut self.objects[side];
        let mut wanted = vec![0.0; boxes.len()];
        for (object, boxed) in boxes.iter_mut().enumerate() {
            let ties = picture.relationships.iter().zip(&self.relationships);
            let middles: Vec<f64> = ties
                .filter(|(tie, _)| tie.ends[side].contains(&object))
                .map(|(_, tie)| tie.middle())
                .collect();
            let ends = picture.references.iter().filter(|r| r.side == side);
            let ends: usize = ends
                .map(|r| usize::from(r.from == object) + usize::from(r.to == object))
                .sum();
            boxed.height = BOX.max(middles.len().max(ends) as f64 * PORT + PORT);
            wanted[object] = middles.iter().sum::<f64>() / middles.len().max(1) as f64;
        }
        let mut places: Vec<usize> = (0..boxes.len()).collect();
        places.sort_by_key(|object| order.objects[side][*object]);
        let heights: Vec<f64> = places.iter().map(|at| boxes[*at].height).collect();
        let wanted: Vec<f64> = places.iter().map(|at| wanted[*at]).collect();
        for (at, y) in places.iter().zip(apart(&wanted, &heights)) {
            boxes[*at].y = y;
        }
    }

    /// Moves everything below the head, and finds the height.
    fn downwards(&mut self) {
        let [left, right] = &mut self.objects;
        let all = || left.iter().chain(right.iter()).chain(&self.relationships);
        let top = all().map(|b| b.y).fold(f64::INFINITY, f64::min);
        let bottom = all()
            .map(|b| b.y + b.height)
            .fold(f64::NEG_INFINITY, f64::max);
        let (top, bottom) = if top.is_finite() {
            (top, bottom)
        } else {
            (0.0, 0.0)
        };
        let by = MARGIN + HEAD - top;
        for boxed in left.iter_mut().chain(right).chain(&mut self.relationships) {
            boxed.y += by;
        }
        self.height = bottom + by + MARGIN;
    }

    /// The widths of the columns, and where they stand.
    fn across(&mut self, picture: &Picture, lanes: &[Vec<Lane>; 2]) {
        let widest =
            |boxes: &[Boxed], head: f64| boxes.iter().map(|b| b.width).fold(head, f64::max);
        let head = |name: &str| text_width(name) + 2.0 * PADDING;
        let widths = [
            widest(&self.objects[0], head(&picture.stores[0])),
            widest(&self.relationships, 0.0),
            widest(&self.objects[1], head(&picture.stores[1])),
        ];
        let beside = lanes.each_ref().map(|lanes| {
            let used = lanes.iter().map(|lane| lane.place + 1).max();
            used.map_or(0.0, |used| used as f64 * LANE + PADDING)
        });
        let starts = [
            MARGIN + beside[0],
            MARGIN + beside[0] + widths[0] + GUTTER,
            MARGIN + beside[0] + widths[0] + widths[1] + 2.0 * GUTTER,
        ];
        self.width = starts[2] + widths[2] + beside[1] + MARGIN;
        for (column, middle) in self.columns.iter_mut().enumerate() {
            *middle = starts[column] + widths[column] / 2.0;
        }
        // Objects fill their column, so that all lines begin at one edge; relationships stand in the middle of theirs.
        for (side, column) in [(0, 0), (1, 2)] {
            for boxed in &mut self.objects[side] {
                boxed.x = starts[column];
                boxed.width = widths[column];
            }
        }
        for boxed in &mut self.relationships {
            boxed.x = self.columns[1] - boxed.width / 2.0;
        }
    }

    /// The lines between objects and relationships: at an object from top to bottom as their other ends are.
    fn tie(&mut self, picture: &Picture) {
        let widest = self
            .relationships
            .iter()
            .map(|b| b.width)
            .fold(0.0, f64::max);
        for side in [0, 1] {
            let column = self.columns[1] + [-0.5, 0.5][side] * widest;
            for (object, boxed) in self.objects[side].iter().enumerate() {
                let ties = picture.relationships.iter().enumerate();
                let mut ends: Vec<(usize, f64)> = ties
                    .filter(|(_, tie)| tie.ends[side].contains(&object))
                    .map(|(place, tie)| {
                        let box_of = &self.relationships[place];
                        let ends = &tie.ends[side];
                        (place, box_of.middle() + self.fan(side, ends, object))
                    })
                    .collect();
                ends.sort_by(|a, b| a.1.total_cmp(&b.1));
                let count = ends.len();
                for (port, (place, y)) in ends.into_iter().enumerate() {
                    let tie = &self.relationships[place];
                    let at = boxed.middle() + (port as f64 - (count as f64 - 1.0) / 2.0) * PORT;
                    let (inner, outer) = match side {
                        0 => (boxed.x + boxed.width, tie.x),
                        _ => (boxed.x, tie.x + tie.width),
                    };
                    let arrives = match picture.relationships[place].arrow {
                        Arrow::Both => true,
                        Arrow::Push => side == 1,
                        Arrow::Pull => side == 0,
                    };
                    self.lines.push(Line {
                        relationship: place,
                        side,
                        object: (inner, at),
                        tie: (outer, y),
                        column,
                        arrives,
                    });
                }
            }
        }
    }

    /// How far from its relationship's middle the line to one of several alternatives ends.
    fn fan(&self, side: usize, ends: &[usize], object: usize) -> f64 {
        let mut by_height: Vec<usize> = ends.to_vec();
        by_height.sort_by(|a, b| {
            let y = |at: &usize| self.objects[side][*at].y;
            y(a).total_cmp(&y(b))
        });
        let place = by_height.iter().position(|at| *at == object).unwrap_or(0);
        (place as f64 - (ends.len() as f64 - 1.0) / 2.0) * (PORT - 2.0)
    }

    /// Which lane each reference of a side takes, from the inside out: two that would lie on one another take different ones.
    fn lanes(&self, picture: &Picture, side: usize) -> Vec<Lane> {
        let boxes = &self.objects[side];
        let mut lanes: Vec<Lane> = picture
            .references
            .iter()
            .enumerate()
            .filter(|(_, r)| r.side == side)
            .map(|(reference, r)| Lane {
                reference,
                ends: [r.from, r.to].map(|object| boxes[object].middle()),
                place: 0,
            })
            .collect();
        // Ports: from top to bottom as the other ends are.
        for (object, boxed) in boxes.iter().enumerate() {
            let mut ends: Vec<(usize, usize, f64)> = Vec::new();
            for (lane, l) in lanes.iter().enumerate() {
                let r = &picture.references[l.reference];
                for (end, at, other) in [(0, r.from, r.to), (1, r.to, r.from)] {
                    if at == object {
                        ends.push((lane, end, boxes[other].middle()));
                    }
                }
            }
            ends.sort_by(|a, b| a.2.total_cmp(&b.2));
            let count = ends.len();
            for (port, (lane, end, _)) in ends.into_iter().enumerate() {
                lanes[lane].ends[end] =
                    boxed.middle() + (port as f64 - (count as f64 - 1.0) / 2.0) * PORT;
            }
        }
        lanes.sort_by(|a, b| {
            a.length()
                .total_cmp(&b.length())
                .then(a.reference.cmp(&b.reference))
        });
        for at in 0..lanes.len() {
            let taken: Vec<usize> = lanes[..at]
                .iter()
                .filter(|other| other.meets(&lanes[at]))
                .map(|other| other.place)
                .collect();
            lanes[at].place = (0..).find(|place| !taken.contains(place)).unwrap_or(0);
        }
        lanes
    }

    fn refer(&mut self, picture: &Picture, lanes: [Vec<Lane>; 2]) {
        for (side, lanes) in lanes.into_iter().enumerate() {
            for lane in lanes {
                let reference = &picture.references[lane.reference];
                let boxes = &self.objects[side];
                let out = (lane.place + 1) as f64 * LANE + PADDING / 2.0;
                let edge = |boxed: &Boxed| match side {
                    0 => boxed.x,
                    _ => boxed.x + boxed.width,
                };
                let (from, to) = (&boxes[reference.from], &boxes[reference.to]);
                self.ways.push(Way {
                    from: (edge(from), lane.ends[0]),
                    to: (edge(to), lane.ends[1]),
                    lane: match side {
                        0 => edge(from) - out,
                        _ => edge(from) + out,
                    },
                    title: title(picture, reference),
                });
            }
        }
    }
}

struct Lane {
    /// Its place in [`Picture::references`].
    reference: usize,
    /// The heights at which it leaves its object and arrives.
    ends: [f64; 2],
    /// 0 is next to the boxes.
    place: usize,
}

impl Lane {
    fn length(&self) -> f64 {
        (self.ends[0] - self.ends[1]).abs()
    }
    fn meets(&self, other: &Lane) -> bool {
        let span = |lane: &Lane| {
            let [a, b] = lane.ends;
            (a.min(b) - PORT / 2.0, a.max(b) + PORT / 2.0)
        };
        let (a, b) = (span(self), span(other));
        a.0 < b.1 && b.0 < a.1
    }
}

fn title(picture: &Picture, reference: &Reference) -> String {
    format!(
        "{} names {}",
        reference.fields.join(", "),
        picture.objects[reference.side][reference.to]
    )
}

/// Tops of boxes in a column, in order and [`GAP`] apart, with their middles as near as can be to where they want to be (least squares:
/// neighbours that would overlap move together).
fn apart(wanted: &[f64], heights: &[f64]) -> Vec<f64> {
    let mut offset = 0.0;
    // Without the room that the boxes above take, tops only have to be in order.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    let mut offsets = Vec::with_capacity(wanted.len());
    for (wanted, height) in wanted.iter().zip(heights) {
        offsets.push(offset);
        blocks.push((wanted - height / 2.0 - offset, 1));
        offset += height + GAP;
        while let [.., (above, above_count), (below, below_count)] = blocks.as_slice()
            && above > below
        {
            let count = above_count + below_count;
            let sum = above * *above_count as f64 + below * *below_count as f64;
            let merged = (sum / count as f64, count);
            blocks.truncate(blocks.len() - 2);
            blocks.push(merged);
        }
    }
    let tops = blocks
        .into_iter()
        .flat_map(|(top, count)| std::iter::repeat_n(top, count));
    tops.zip(offsets)
        .map(|(top, offset)| top + offset)
        .collect()
}

#[cfg(test)]
mod tests;
