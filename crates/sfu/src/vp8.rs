//! The descriptor in front of each VP8 payload (RFC 7741 section 4.2), as far as it is changed on the way.

const EXTENDED: u8 = 0x80;
const HAS_PICTURE: u8 = 0x80;
const HAS_LOWEST: u8 = 0x40;
const LONG_PICTURE: u8 = 0x80;

/// Writes other numbers of the picture and of its lowest layer into a payload, in the widths that they have there. What
/// is not there is not written.
pub fn patch_vp8(payload: &mut [u8], picture: u16, lowest: Option<u8>) {
    let [first, flags, rest @ ..] = payload else { return };
    if *first & EXTENDED == 0 {
        return;
    }
    let [high, low] = picture.to_be_bytes();
    let width = match rest {
        _ if *flags & HAS_PICTURE == 0 => 0,
        [one, two, ..] if *one & LONG_PICTURE != 0 => {
            (*one, *two) = (LONG_PICTURE | high, low);
            2
        }
        [one, ..] => {
            *one = low & !LONG_PICTURE;
            1
        }
        [] => return,
    };
    if let (true, Some(lowest), Some(byte)) = (*flags & HAS_LOWEST != 0, lowest, rest.get_mut(width)) {
        *byte = lowest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(mut payload: Vec<u8>) -> Vec<u8> {
        patch_vp8(&mut payload, 0x1234, Some(9));
        payload
    }

    #[test]
    fn numbers_keep_their_widths() {
        assert_eq!(patched(vec![0x90, 0xc0, 0x80, 1, 2, 3]), [0x90, 0xc0, 0x92, 0x34, 9, 3]);
        assert_eq!(patched(vec![0x90, 0xc0, 1, 2, 3]), [0x90, 0xc0, 0x34, 9, 3]);
        assert_eq!(patched(vec![0x90, 0x80, 0x80, 1, 2]), [0x90, 0x80, 0x92, 0x34, 2]);
        assert_eq!(patched(vec![0x90, 0x40, 2, 3]), [0x90, 0x40, 9, 3]);
    }

    #[test]
    fn what_is_not_there_is_not_written() {
        for payload in [vec![], vec![0x90], vec![0x90, 0xc0], vec![0x10, 0xc0, 1, 2], vec![0x90, 0, 1, 2]] {
            assert_eq!(patched(payload.clone()), payload);
        }
    }
}
