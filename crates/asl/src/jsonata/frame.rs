//! Variables in scope.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use super::value::{Value, release};

#[derive(Default)]
pub(super) struct Frame {
    bindings: RefCell<Vec<(Arc<str>, Value)>>,
    parent: Option<Rc<Frame>>,
    captured: Cell<bool>,
}

impl Frame {
    pub fn child(parent: &Rc<Frame>) -> Rc<Self> {
        Rc::new(Self {
            bindings: RefCell::default(),
            parent: Some(Rc::clone(parent)),
            captured: Cell::new(false),
        })
    }

    pub fn bind(&self, name: Arc<str>, value: Value) {
        let mut bindings = self.bindings.borrow_mut();
        let former = match bindings.iter_mut().find(|(own, _)| *own == name) {
            Some((_, own)) => Some(std::mem::replace(own, value)),
            None => {
                bindings.push((name, value));
                None
            }
        };
        // Dropping the former value may come back to this frame.
        drop(bindings);
        drop(former);
    }

    /// The value of a variable, where one is bound under that name, be it undefined.
    pub fn lookup(&self, name: &str) -> Option<Value> {
        let mut frame = self;
        loop {
            let bindings = frame.bindings.borrow();
            if let Some((_, value)) = bindings.iter().find(|(own, _)| **own == *name) {
                return Some(value.clone());
            }
            drop(bindings);
            frame = frame.parent.as_deref()?;
        }
    }

    /// Marks the frame as held by a function; true for the first one that does.
    pub fn capture(&self) -> bool {
        !self.captured.replace(true)
    }

    /// Forgets the variables of the frame and of those around it: a function that is bound in the
    /// frame that it holds would keep itself alive.
    pub fn clear(&self) {
        let mut frame = self;
        loop {
            let bindings = std::mem::take(&mut *frame.bindings.borrow_mut());
            release::release(bindings.into_iter().map(|(_, value)| value));
            match frame.parent.as_deref() {
                Some(parent) => frame = parent,
                None => return,
            }
        }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        let bindings = std::mem::take(self.bindings.get_mut());
        release::release(bindings.into_iter().map(|(_, value)| value));
        // Frames nest as deep as calls do: go up in a loop, not from drop to drop.
        let mut parent = self.parent.take();
        while let Some(mut frame) = parent.and_then(Rc::into_inner) {
            parent = frame.parent.take();
        }
    }
}
