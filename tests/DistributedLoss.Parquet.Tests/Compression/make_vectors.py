#!/usr/bin/env python3
"""Writes vectors.txt: pages compressed by the codecs' own reference libraries, with the raw bytes' length and SHA-256.

Needs python3 and the shared libraries libsnappy, libbrotlienc, libzstd and liblz4 (Debian: libsnappy1v5 libbrotli1 libzstd1
liblz4-1). Run it in this directory; the output is committed.
"""
import base64, ctypes, gzip, hashlib, random, struct

snappy = ctypes.CDLL("libsnappy.so.1")
brotli = ctypes.CDLL("libbrotlienc.so.1")
zstd = ctypes.CDLL("libzstd.so.1")
lz4 = ctypes.CDLL("liblz4.so.1")
size_t = ctypes.c_size_t
for f in (zstd.ZSTD_compress2, zstd.ZSTD_compressBound, lz4.LZ4F_compressFrame):
    f.restype = size_t
zstd.ZSTD_createCCtx.restype = ctypes.c_void_p


def snappy_page(raw):
    out = ctypes.create_string_buffer(32 + len(raw) + len(raw) // 6)
    n = size_t(len(out))
    assert snappy.snappy_compress(raw, size_t(len(raw)), out, ctypes.byref(n)) == 0
    return out.raw[: n.value]


def brotli_page(raw, quality=9):
    out = ctypes.create_string_buffer(len(raw) + 1024)
    n = size_t(len(out))
    assert brotli.BrotliEncoderCompress(quality, 22, 0, size_t(len(raw)), raw, ctypes.byref(n), out) == 1
    return out.raw[: n.value]


def zstd_page(raw, level=3, checksum=0):
    context = ctypes.c_void_p(zstd.ZSTD_createCCtx())
    zstd.ZSTD_CCtx_setParameter(context, 100, level)  # ZSTD_c_compressionLevel
    zstd.ZSTD_CCtx_setParameter(context, 201, checksum)  # ZSTD_c_checksumFlag
    out = ctypes.create_string_buffer(len(raw) + 1024)
    n = zstd.ZSTD_compress2(context, out, size_t(len(out)), raw, size_t(len(raw)))
    assert n <= len(out)
    zstd.ZSTD_freeCCtx(context)
    return out.raw[:n]


def lz4_block(raw):
    out = ctypes.create_string_buffer(len(raw) + len(raw) // 255 + 16)
    n = lz4.LZ4_compress_default(raw, out, len(raw), len(out))
    assert n > 0
    return out.raw[:n]


def lz4_frame(raw, checksum):
    # LZ4F_preferences_t begins with LZ4F_frameInfo_t: blockSizeID, blockMode, contentChecksumFlag, frameType, contentSize (8), dictID, blockChecksumFlag.
    preferences = struct.pack("<iiiiQIi", 4, 0, checksum, 0, 0, 0, checksum) + bytes(64)
    out = ctypes.create_string_buffer(2 * len(raw) + 4096)
    n = lz4.LZ4F_compressFrame(out, size_t(len(out)), raw, size_t(len(raw)), preferences)
    assert n <= len(out)
    return out.raw[:n]


def hadoop(raw, block, chunk):
    """Blocks of a raw length, then chunks of a compressed length and an LZ4 block."""
    out = b""
    for b in range(0, len(raw), block):
        part = raw[b : b + block]
        out += struct.pack(">I", len(part))
        for c in range(0, len(part), chunk):
            compressed = lz4_block(part[c : c + chunk])
            out += struct.pack(">I", len(compressed)) + compressed
    return out


rng = random.Random(20240229)
gauss = b"".join(struct.pack("<f", rng.gauss(0, 3)) for _ in range(1024))
quantized = b"".join(struct.pack("<f", round(rng.gauss(0, 3) * 8) / 8) for _ in range(2048))
zeros = bytes(150_000)
periods = b"".join((bytes(rng.randrange(256) for _ in range(p)) * 40)[: 11 * p + 5] for p in range(1, 70))
words = b"".join(rng.choice([b"logits", b"label", b"perplexity", b" ", b"softmax,"]) for _ in range(3000))
inputs = {"gauss": gauss, "quantized": quantized, "zeros": zeros, "periods": periods, "words": words, "byte": b"x"}

with open("vectors.txt", "w") as file:

    def write(name, codec, raw, page):
        digest = hashlib.sha256(raw).hexdigest()
        file.write(f"{name} {codec} {len(raw)} {digest} {base64.b64encode(page).decode()}\n")

    for name, raw in inputs.items():
        write(name, "Snappy", raw, snappy_page(raw))
        write(name, "Gzip", raw, gzip.compress(raw, mtime=0))
        write(name, "Brotli", raw, brotli_page(raw))
        write(name, "Zstd", raw, zstd_page(raw))
        write(name, "Lz4Raw", raw, lz4_block(raw))
        write(name, "Lz4", raw, hadoop(raw, len(raw), len(raw)))
    write("checksum", "Zstd", quantized, zstd_page(quantized, 3, 1))
    write("level19", "Zstd", quantized, zstd_page(quantized, 19))
    write("two_frames", "Zstd", words + gauss, zstd_page(words) + zstd_page(gauss))
    write("two_members", "Gzip", words + gauss, gzip.compress(words, mtime=0) + gzip.compress(gauss, mtime=0))
    write("named_member", "Gzip", words, b"\x1f\x8b\x08\x08\0\0\0\0\0\3page\0" + gzip.compress(words, mtime=0)[10:])
    write("last_member_empty", "Gzip", words, gzip.compress(words, mtime=0) + gzip.compress(b"", mtime=0))
    write("empty", "Snappy", b"", snappy_page(b""))
    write("empty", "Gzip", b"", gzip.compress(b"", mtime=0))
    write("empty", "Brotli", b"", brotli_page(b""))
    write("empty", "Zstd", b"", zstd_page(b""))
    write("empty", "Lz4Raw", b"", lz4_block(b""))
    write("two_blocks", "Lz4", words, hadoop(words, 9000, 9000))
    write("chunked_blocks", "Lz4", words, hadoop(words, 9000, 2000))
    write("bare_block", "Lz4", quantized, lz4_block(quantized))
    write("frame", "Lz4", words, lz4_frame(words, 0))
    write("frame_with_checksums", "Lz4", words, lz4_frame(words, 1))
