using System.Runtime.InteropServices;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// Zstandard (RFC 8878) by the system's libzstd, which verifies the frames' checksums. One context a thread, since making one
/// costs more than decompressing a small page.
/// </summary>
internal static unsafe class Zstd
{
    private const int Level = 3;

    private static readonly NativeCodecLibrary Library = new("zstd", "libzstd1", NativeCodecLibrary.Candidates("zstd", 1));
    private static readonly delegate* unmanaged<nint> CreateDCtx = (delegate* unmanaged<nint>)Library.Export("ZSTD_createDCtx");
    private static readonly delegate* unmanaged<nint, nuint> FreeDCtx = (delegate* unmanaged<nint, nuint>)Library.Export("ZSTD_freeDCtx");
    private static readonly delegate* unmanaged<nint, int, nuint> ResetDCtx =
        (delegate* unmanaged<nint, int, nuint>)Library.Export("ZSTD_DCtx_reset");
    private static readonly delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nuint> DecompressDCtx =
        (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nuint>)Library.Export("ZSTD_decompressDCtx");
    private static readonly delegate* unmanaged<nint, Buffer*, Buffer*, nuint> DecompressStream =
        (delegate* unmanaged<nint, Buffer*, Buffer*, nuint>)Library.Export("ZSTD_decompressStream");
    private static readonly delegate* unmanaged<byte*, nuint, byte*, nuint, int, nuint> CompressOnce =
        (delegate* unmanaged<byte*, nuint, byte*, nuint, int, nuint>)Library.Export("ZSTD_compress");
    private static readonly delegate* unmanaged<nuint, nuint> CompressBound =
        (delegate* unmanaged<nuint, nuint>)Library.Export("ZSTD_compressBound");
    private static readonly delegate* unmanaged<nuint, uint> IsError = (delegate* unmanaged<nuint, uint>)Library.Export("ZSTD_isError");
    private static readonly delegate* unmanaged<nuint, nint> GetErrorName =
        (delegate* unmanaged<nuint, nint>)Library.Export("ZSTD_getErrorName");

    [ThreadStatic]
    private static Context? _context;

    public static void Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        nint context = ThreadContext();
        // An empty span's pointer is null, which libzstd takes for a buffer of no bytes.
        fixed (byte* s = source, d = destination)
        {
            nuint written = Checked(DecompressDCtx(context, d, (nuint)destination.Length, s, (nuint)source.Length));
            if (written != (nuint)destination.Length)
            {
                throw Codecs.WrongLength(CompressionCodec.Zstd, (long)written, destination.Length);
            }
        }
    }

    public static int DecompressPrefix(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        nint context = ThreadContext();
        const int sessionOnly = 1;
        Checked(ResetDCtx(context, sessionOnly));
        fixed (byte* s = source, d = destination)
        {
            var input = new Buffer { Start = s, Size = (nuint)source.Length };
            var output = new Buffer { Start = d, Size = (nuint)destination.Length };
            // libzstd's hint is 0 where a frame ends; another may follow.
            bool ended = false;
            while (output.Position < output.Size && !(ended && input.Position == input.Size))
            {
                nuint before = output.Position + input.Position;
                ended = Checked(DecompressStream(context, &output, &input)) == 0;
                if (!ended && output.Position + input.Position == before)
                {
                    throw Codecs.Damaged(CompressionCodec.Zstd, $"it ends inside a frame, after {output.Position} bytes of output");
                }
            }
            Checked(ResetDCtx(context, sessionOnly));
            return (int)output.Position;
        }
    }

    public static int MaxCompressedLength(int length)
    {
        Library.Require();
        return checked((int)CompressBound((nuint)length));
    }

    public static int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Library.Require();
        fixed (byte* s = source, d = destination)
        {
            return (int)Checked(CompressOnce(d, (nuint)destination.Length, s, (nuint)source.Length, Level));
        }
    }

    private static nint ThreadContext()
    {
        Library.Require();
        return (_context ??= new Context()).DangerousGetHandle();
    }

    private static nuint Checked(nuint result) => IsError(result) == 0
        ? result
        : throw Codecs.Damaged(CompressionCodec.Zstd, Marshal.PtrToStringUTF8(GetErrorName(result)) ?? "unknown error");

    /// <summary>ZSTD_inBuffer and ZSTD_outBuffer, which have one layout.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public byte* Start;
        public nuint Size;
        public nuint Position;
    }

    private sealed class Context : SafeHandle
    {
        public Context()
            : base(0, ownsHandle: true)
        {
            SetHandle(CreateDCtx());
            if (IsInvalid)
            {
                throw new ParquetException("zstd found no memory for a decompression context; free memory or use fewer workers");
            }
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeDCtx(handle);
            return true;
        }
    }
}
