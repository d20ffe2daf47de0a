//! Where the names come from: a Markov model of order 3 over characters.
//!
//! Trained on `names.txt`, it knows for every three characters which ones
//! followed them, and how often. A name is drawn one character at a time.
//!
//! Three, because it is where invention and sense meet. Over 10,000 draws, with
//! two characters 4 % of the words are words of the list ("Wed Rionlificast
//! Hander"); with three 31 % ("Mumblical Behave"), and one name in 500 is a
//! training name; with four 81 %, and it is one in eight: a copying machine.
//!
//! The style is picked from `styles.txt`, a list of real ones, and not drawn by
//! the model: an invented name is a joke, an invented style teaches nothing.

use std::{
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
};

use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// The training names, one a line, ASCII letters and spaces. No punctuation:
/// a page then shows a name byte for byte, without an HTML entity.
const NAMES: &str = include_str!("names.txt");

/// Real beer styles, one a line.
const STYLES: &str = include_str!("styles.txt");

/// How many characters the model looks back.
const ORDER: usize = 3;

/// Stands before the first character of a name, and after the last.
const EDGE: char = '\n';

/// Characters in a name: shorter is a stub, longer breaks the line on a phone.
const LENGTH: RangeInclusive<usize> = 4..=40;

/// One beer, as the API hands it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beer {
    /// What the label says: "Grumpy Walrus".
    pub name: String,
    /// What is in the glass: "Baltic Porter".
    pub style: String,
}

/// The trained model and its dice.
#[derive(Debug)]
pub struct Brewery {
    /// For each `ORDER` characters every one that followed, as often as it
    /// did: a uniform choice from the list is then a draw from the model.
    followers: HashMap<[char; ORDER], Vec<char>>,
    training: HashSet<&'static str>,
    styles: Vec<&'static str>,
    dice: Rng,
    last: String,
}

impl Brewery {
    /// Trains the model. A seed fixes the sequence of pours; without one every
    /// brewery pours its own.
    pub fn new(seed: Option<u64>) -> Self {
        let mut followers: HashMap<_, Vec<char>> = HashMap::new();
        for name in NAMES.lines() {
            let mut memory = [EDGE; ORDER];
            for next in name.chars().chain([EDGE]) {
                followers.entry(memory).or_default().push(next);
                memory = shifted(memory, next);
            }
        }
        Self {
            followers,
            training: NAMES.lines().collect(),
            styles: STYLES.lines().collect(),
            dice: seed.map_or_else(Rng::new, Rng::with_seed),
            last: String::new(),
        }
    }

    /// A beer that nobody brews: its name has 4 to 40 characters, starts with a
    /// capital, is not in the training list and not the one poured before.
    pub fn pour(&mut self) -> Beer {
        let style = self.styles[self.dice.usize(..self.styles.len())];
        let mut name = self.draw();
        while !LENGTH.contains(&name.len())
            || self.training.contains(name.as_str())
            || name == self.last
        {
            name = self.draw();
        }
        self.last.clone_from(&name);
        Beer {
            name,
            style: style.to_owned(),
        }
    }

    /// One walk through the model, from edge to edge.
    fn draw(&mut self) -> String {
        let mut name = String::new();
        let mut memory = [EDGE; ORDER];
        loop {
            // The walk only meets memories that training has filled.
            let followers = &self.followers[&memory];
            let next = followers[self.dice.usize(..followers.len())];
            if next == EDGE {
                return name;
            }
            name.push(next);
            memory = shifted(memory, next);
        }
    }
}

/// The memory one character further on.
fn shifted([_, second, third]: [char; ORDER], next: char) -> [char; ORDER] {
    [second, third, next]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thousand(seed: u64) -> Vec<Beer> {
        let mut brewery = Brewery::new(Some(seed));
        (0..1000).map(|_| brewery.pour()).collect()
    }

    #[test]
    fn the_same_seed_pours_the_same_beers() {
        assert_eq!(thousand(7), thousand(7));
        assert_ne!(thousand(7), thousand(8));
    }

    #[test]
    fn without_a_seed_two_breweries_differ() {
        let names = |mut brewery: Brewery| [(); 9].map(|()| brewery.pour().name);
        assert_ne!(names(Brewery::new(None)), names(Brewery::new(None)));
    }

    #[test]
    fn names_are_invented_and_fit_on_a_label() {
        for beer in thousand(7) {
            let name = beer.name.as_str();
            assert!(!NAMES.lines().any(|known| known == name), "{name:?}");
            assert!((4..=40).contains(&name.chars().count()), "{name:?}");
            assert!(name.starts_with(|c: char| c.is_uppercase()), "{name:?}");
            assert_eq!(name, name.trim());
        }
    }

    #[test]
    fn a_beer_never_comes_twice_in_a_row() {
        let first = Brewery::new(Some(7)).pour();
        let mut brewery = Brewery::new(Some(7));
        brewery.last.clone_from(&first.name);
        assert_ne!(brewery.pour().name, first.name);
    }

    #[test]
    fn most_of_a_thousand_beers_are_different() {
        let beers = thousand(7);
        let different: HashSet<_> = beers.iter().map(|beer| &beer.name).collect();
        assert!(different.len() > 850, "{} different names", different.len());
    }

    #[test]
    fn every_real_style_is_poured_and_no_other() {
        let poured: HashSet<_> = thousand(7).into_iter().map(|beer| beer.style).collect();
        let real: HashSet<_> = STYLES.lines().map(str::to_owned).collect();
        assert_eq!(poured, real);
    }

    #[test]
    fn the_lists_have_neither_blank_lines_nor_doubles() {
        for list in [NAMES, STYLES] {
            let lines: HashSet<_> = list.lines().filter(|line| !line.is_empty()).collect();
            assert_eq!(lines.len(), list.lines().count());
        }
        let plain = |c: char| c.is_ascii_alphabetic() || c == ' ';
        assert!(NAMES.lines().all(|name| name.chars().all(plain)));
    }
}
