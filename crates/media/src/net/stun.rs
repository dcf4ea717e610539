//! Just enough of STUN (RFC 8489) to tell for which connection a packet is. Whether it is genuine is checked by the
//! connection itself.

const HEADER: usize = 20;
const MAGIC: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const USERNAME: u16 = 0x0006;

/// The receiver's half of the user name in a binding request.
pub fn local_ufrag(packet: &[u8]) -> Option<&str> {
    if packet.get(0..2)? != BINDING_REQUEST || packet.get(4..8)? != MAGIC {
        return None;
    }
    let length = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
    let mut rest = packet.get(HEADER..HEADER + length)?;
    while rest.len() >= 4 {
        let kind = u16::from_be_bytes([rest[0], rest[1]]);
        let length = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        let value = rest.get(4..4 + length)?;
        if kind == USERNAME {
            return std::str::from_utf8(value).ok()?.split_once(':').map(|(local, _)| local);
        }
        rest = rest.get(4 + length.next_multiple_of(4)..)?;
    }
    None
}

/// Whether the packet belongs to a DTLS handshake or session (RFC 7983). A client may send the first one before it has
/// seen the answer to its request.
pub fn is_dtls(packet: &[u8]) -> bool {
    packet.first().is_some_and(|b| (20..64).contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (kind, value) in attributes {
            body.extend(kind.to_be_bytes());
            body.extend(u16::try_from(value.len()).expect("short").to_be_bytes());
            body.extend(*value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let mut packet = vec![0, 1];
        packet.extend(u16::try_from(body.len()).expect("short").to_be_bytes());
        packet.extend(MAGIC);
        packet.extend([7; 12]);
        packet.extend(body);
        packet
    }

    #[test]
    fn the_user_name_is_found_wherever_it_stands() {
        let packet = request(&[(0x8022, b"abc"), (USERNAME, b"server:client"), (0x0024, b"1234")]);
        assert_eq!(local_ufrag(&packet), Some("server"));
    }

    #[test]
    fn what_is_no_request_has_no_user_name() {
        assert_eq!(local_ufrag(&request(&[])), None);
        assert_eq!(local_ufrag(&request(&[(USERNAME, b"no-colon")])), None);
        assert_eq!(local_ufrag(&[]), None);
        let mut response = request(&[(USERNAME, b"a:b")]);
        response[0] = 1;
        assert_eq!(local_ufrag(&response), None);
    }

    #[test]
    fn packets_that_are_cut_or_lie_about_their_length_do_no_harm() {
        let packet = request(&[(USERNAME, b"server:client")]);
        for cut in 0..packet.len() {
            assert_eq!(local_ufrag(&packet[..cut]), None);
        }
        for at in 0..packet.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bent = packet.clone();
                bent[at] = value;
                let _ = local_ufrag(&bent);
            }
        }
    }
}
