//! SM2, SM3, SM4 and ECDSA as this crate uses them against a second implementation: the `openssl` program of the system.
//!
//! Without that program these tests fail; they must never pass by looking away. Inputs are random, from fixed seeds.
//! `openssl enc` knows no GCM, so here GCM is put together from its blocks, its counter mode and GHASH written out.

use std::io::Write as _;
use std::process::{Command, Stdio};

use sm4::Sm4;
use sm4::cipher::{BlockCipherEncrypt, KeyInit};

use super::hash::{derive, keyed_hash, token_hash};
use super::suite::{Aes256GcmSuite, Sm4GcmSuite, Suite};
use crate::entropy::{self, Entropy, SeededEntropy};
use crate::testing;

/// What `openssl` makes of `input`, which must fit into a pipe: nobody reads while it is written.
fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test needs the program `openssl`; `cargo xtask setup` installs it");
    let written = child.stdin.take().unwrap().write_all(input);
    let told = child.wait_with_output().unwrap();
    assert!(told.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&told.stderr));
    written.unwrap();
    told.stdout
}

fn openssl_blocks(key: &[u8], blocks: &[u8]) -> Vec<u8> {
    openssl(&["enc", "-sm4-ecb", "-nopad", "-K", &hex(key)], blocks)
}

fn openssl_hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let key = format!("hexkey:{}", hex(key));
    openssl(&["dgst", "-sm3", "-mac", "HMAC", "-macopt", &key, "-binary"], message)
}

/// SM4-GCM after NIST SP 800-38D, with nothing of ours but the arithmetic.
fn openssl_gcm(key: &[u8], nonce: &[u8; 12], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let counter = |at: u32| [&nonce[..], &at.to_be_bytes()].concat();
    let mut sealed = openssl(&["enc", "-sm4-ctr", "-K", &hex(key), "-iv", &hex(&counter(2))], plain);
    let two = openssl_blocks(key, &[vec![0; 16], counter(1)].concat());
    let tag = ghash(block(&two[..16]), aad, &sealed) ^ block(&two[16..]);
    sealed.extend_from_slice(&tag.to_be_bytes());
    sealed
}

fn ghash(key: u128, aad: &[u8], cipher: &[u8]) -> u128 {
    let bits = |part: &[u8]| part.len() as u128 * 8;
    let blocks = aad.chunks(16).chain(cipher.chunks(16)).map(block);
    blocks.chain([bits(aad) << 64 | bits(cipher)]).fold(0, |sum, block| times(sum ^ block, key))
}

/// The product in GF(2¹²⁸), bit by bit as the standard writes it (SP 800-38D, 6.3).
fn times(left: u128, right: u128) -> u128 {
    let (mut product, mut shifted) = (0, right);
    for bit in (0..128).rev() {
        product ^= if left >> bit & 1 == 1 { shifted } else { 0 };
        shifted = shifted >> 1 ^ if shifted & 1 == 1 { 0xe1 << 120 } else { 0 };
    }
    product
}

/// Up to 16 bytes as a number, filled up with zeros.
fn block(bytes: &[u8]) -> u128 {
    let mut block = [0; 16];
    block[..bytes.len()].copy_from_slice(bytes);
    u128::from_be_bytes(block)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn random(entropy: &dyn Entropy, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    entropy.fill(&mut bytes);
    bytes
}

/// Every length around the borders of blocks and padding, and some beyond.
fn lengths(entropy: &dyn Entropy) -> Vec<usize> {
    let any = (0..40).map(|_| usize::from(u16::from_be_bytes(entropy::bytes(entropy))) % 20_000);
    [0, 1, 15, 16, 17, 31, 32, 33, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129].into_iter().chain(any).collect()
}

#[test]
fn sm4_blocks_are_openssls() {
    let entropy = SeededEntropy::new(41);
    for _ in 0..16 {
        let key: [u8; 16] = entropy::bytes(&entropy);
        let plain = random(&entropy, 16 * 64);
        let cipher = Sm4::new(&key.into());
        let ours: Vec<u8> = plain
            .chunks(16)
            .flat_map(|bytes| {
                let mut block = block(bytes).to_be_bytes().into();
                cipher.encrypt_block(&mut block);
                <[u8; 16]>::from(block)
            })
            .collect();
        assert_eq!(hex(&ours), hex(&openssl_blocks(&key, &plain)), "key {}", hex(&key));
    }
}

#[test]
fn what_the_second_suite_seals_is_openssls_sm4_gcm_and_opens() {
    let entropy = SeededEntropy::new(42);
    for length in lengths(&entropy) {
        let (key, nonce) = (entropy::bytes::<32>(&entropy), entropy::bytes::<12>(&entropy));
        let (aad, plain) = (random(&entropy, length % 77), random(&entropy, length));
        let long = openssl_hmac(&key, b"\0\0\0\0\0\0\0\x07sm4-gcm");
        let theirs = openssl_gcm(&long[..16], &nonce, &aad, &plain);
        let ours = Sm4GcmSuite.seal(&key, &nonce, &aad, &plain).unwrap();
        assert_eq!(hex(&ours), hex(&theirs), "{length} bytes");
        assert_eq!(Sm4GcmSuite.open(&key, &nonce, &aad, &theirs), Ok(plain));
    }
}

#[test]
fn sm3_of_every_length_is_openssls() {
    let entropy = SeededEntropy::new(43);
    for length in lengths(&entropy) {
        let text = random(&entropy, length);
        assert_eq!(hex(&token_hash(&text)), hex(&openssl(&["dgst", "-sm3", "-binary"], &text)), "{length} bytes");
    }
}

#[test]
fn keyed_hashes_and_derived_keys_are_openssls() {
    let entropy = SeededEntropy::new(44);
    for length in lengths(&entropy) {
        let (key, part) = (entropy::bytes::<32>(&entropy), random(&entropy, length));
        let message = [&(length as u64).to_be_bytes()[..], &part].concat();
        assert_eq!(hex(&keyed_hash(&key, &[&part])), hex(&openssl_hmac(&key, &message)), "{length} bytes");
    }
    for label in ["data", "answer", "index", "code", "csrf", "session"] {
        let master = entropy::bytes::<32>(&entropy);
        let (key, info) = (format!("hexkey:{}", hex(&master)), format!("info:{label}"));
        let options = ["digest:SM3", &key, "salt:banjie", &info].map(|option| ["-kdfopt", option]).concat();
        let theirs = openssl(&[&["kdf", "-binary", "-keylen", "32"], &options[..], &["HKDF"]].concat(), b"");
        assert_eq!(hex(&*derive(&master, label)), hex(&theirs), "{label}");
    }
}

const SM2_SIGNS: [&str; 5] = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"];
const ECDSA_SIGNS: [&str; 3] = ["-rawin", "-digest", "sha256"];

/// Both ways: OpenSSL accepts what we sign, and we accept what it signs with a key it made.
fn signs_alike(suite: &dyn Suite, how: &[&str], curve: &[&str]) {
    let (_app, folder) = testing::empty_app();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path.join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let random = SeededEntropy::new(31);
    let theirs = file("theirs.pem", &openssl(&[&["genpkey"], curve].concat(), b""));
    let their_key = String::from_utf8(openssl(&["pkey", "-in", &theirs, "-pubout"], b"")).unwrap();
    for length in [0, 1, 31, 32, 64, 1000] {
        let seed = zeroize::Zeroizing::new(entropy::bytes(&random));
        let message: Vec<u8> = (0..length).map(|_| entropy::bytes::<1>(&random)[0]).collect();
        let message_file = file("message", &message);
        let ours = suite.sign(&seed, &message).unwrap();
        let our_key = file("ours.pem", suite.public_key(&seed).unwrap().as_bytes());
        let signature = file("signature", &ours);
        let verify = ["pkeyutl", "-verify", "-pubin", "-inkey", &our_key, "-sigfile", &signature, "-in", &message_file];
        openssl(&[&verify[..], how].concat(), b"");
        let their_signature =
            openssl(&[&["pkeyutl", "-sign", "-inkey", &theirs, "-in", &message_file][..], how].concat(), b"");
        assert!(suite.verifies(&their_key, &message, &their_signature), "{length} bytes");
        assert!(!suite.verifies(&their_key, b"another message", &their_signature), "{length} bytes");
    }
}

#[test]
fn sm2_signs_and_verifies_as_openssl_does() {
    signs_alike(&Sm4GcmSuite, &SM2_SIGNS, &["-algorithm", "SM2"]);
}

#[test]
fn ecdsa_signs_and_verifies_as_openssl_does() {
    signs_alike(&Aes256GcmSuite, &ECDSA_SIGNS, &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
}
