using System.Runtime.InteropServices;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Codecs;

/// <summary>A codec's native library, called as its own documentation says is fastest for whole buffers.</summary>
internal abstract unsafe class NativeDecoder(string library) : IDisposable
{
    /// <summary>As the dynamic linker knows it.</summary>
    public string Library => library;

    protected nint Handle { get; } = NativeLibrary.Load(library);

    /// <summary>Null for codecs that have no library of their own here.</summary>
    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    public static NativeDecoder? For(CompressionCodec codec) => codec switch
    {
        CompressionCodec.Zstd => new ZstdLibrary(),
        CompressionCodec.Lz4Raw => new Lz4Library(),
        CompressionCodec.Snappy => new SnappyLibrary(),
        _ => null,
    };

    /// <returns>Bytes written, or a negative number for input that is damaged.</returns>
    public abstract long Decompress(byte* source, int stored, byte* target, int bytes);

    public virtual void Dispose() => NativeLibrary.Free(Handle);

    protected nint Export(string name) => NativeLibrary.GetExport(Handle, name);

    /// <summary>One context for all pages: making one costs more than a small page.</summary>
    private sealed class ZstdLibrary : NativeDecoder
    {
        private readonly delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nuint> _decompress;
        private readonly delegate* unmanaged<nuint, uint> _isError;
        private readonly delegate* unmanaged<nint, nuint> _free;
        private readonly nint _context;

        public ZstdLibrary()
            : base("libzstd.so.1")
        {
            _decompress = (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nuint>)Export("ZSTD_decompressDCtx");
            _isError = (delegate* unmanaged<nuint, uint>)Export("ZSTD_isError");
            _free = (delegate* unmanaged<nint, nuint>)Export("ZSTD_freeDCtx");
            _context = ((delegate* unmanaged<nint>)Export("ZSTD_createDCtx"))();
        }

        public override long Decompress(byte* source, int stored, byte* target, int bytes)
        {
            nuint written = _decompress(_context, target, (nuint)bytes, source, (nuint)stored);
            return _isError(written) == 0 ? (long)written : -1;
        }

        public override void Dispose()
        {
            _free(_context);
            base.Dispose();
        }
    }

    private sealed class Lz4Library : NativeDecoder
    {
        private readonly delegate* unmanaged<byte*, byte*, int, int, int> _decompress;

        public Lz4Library()
            : base("liblz4.so.1") =>
            _decompress = (delegate* unmanaged<byte*, byte*, int, int, int>)Export("LZ4_decompress_safe");

        public override long Decompress(byte* source, int stored, byte* target, int bytes) => _decompress(source, target, stored, bytes);
    }

    private sealed class SnappyLibrary : NativeDecoder
    {
        private readonly delegate* unmanaged<byte*, nuint, byte*, nuint*, int> _decompress;

        public SnappyLibrary()
            : base("libsnappy.so.1") =>
            _decompress = (delegate* unmanaged<byte*, nuint, byte*, nuint*, int>)Export("snappy_uncompress");

        public override long Decompress(byte* source, int stored, byte* target, int bytes)
        {
            nuint written = (nuint)bytes;
            return _decompress(source, (nuint)stored, target, &written) == 0 ? (long)written : -1;
        }
    }
}
