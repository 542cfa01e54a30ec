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

    private static readonly delegate* unmanaged<nint, int, int, nuint> SetParameter =
        (delegate* unmanaged<nint, int, int, nuint>)Library.Export("ZSTD_DCtx_setParameter");

    private static readonly delegate* unmanaged<nint, nuint> DecompressBegin =
        (delegate* unmanaged<nint, nuint>)Library.OptionalExport("ZSTD_decompressBegin");
    private static readonly delegate* unmanaged<nint, nuint> NextSourceSize =
        (delegate* unmanaged<nint, nuint>)Library.OptionalExport("ZSTD_nextSrcSizeToDecompress");
    private static readonly delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nuint> DecompressContinue =
        (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nuint>)Library.OptionalExport("ZSTD_decompressContinue");

    [ThreadStatic]
    private static Context? _context;

    /// <summary>Whether the library can be asked for single blocks: <see cref="Begin"/>, <see cref="NextInput"/> and <see cref="Continue"/>.</summary>
    public static bool HasBlocks => DecompressBegin != null && NextSourceSize != null && DecompressContinue != null;

    public static void Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Context context = ThreadContext();
        // An empty span's pointer is null, which libzstd takes for a buffer of no bytes.
        fixed (byte* s = source, d = destination)
        {
            nuint written = Checked(DecompressDCtx(context.Handle, d, (nuint)destination.Length, s, (nuint)source.Length));
            if (written != (nuint)destination.Length)
            {
                throw Codecs.WrongLength(CompressionCodec.Zstd, (long)written, destination.Length);
            }
        }
    }

    public static int DecompressPrefix(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Context context = ThreadContext();
        Reset(context);
        // libzstd says where a frame ends; another may follow.
        bool ended = false;
        int done = 0;
        while (done < destination.Length && !(ended && source.IsEmpty))
        {
            ended = Decode(context, source, destination[done..], out int consumed, out int written);
            source = source[consumed..];
            done += written;
            if (!ended && consumed == 0 && written == 0)
            {
                throw Codecs.Damaged(CompressionCodec.Zstd, $"it ends inside a frame, after {done} bytes of output");
            }
        }
        Reset(context);
        return done;
    }

    /// <summary>Forgets the frame under way; parameters stay.</summary>
    public static void Reset(Context context)
    {
        const int sessionOnly = 1;
        Checked(ResetDCtx(context.Handle, sessionOnly));
    }

    /// <summary>Refuses frames, when they are decoded in pieces, whose window is larger than 2^<paramref name="log"/> bytes.</summary>
    public static void LimitWindow(Context context, int log)
    {
        const int windowLogMax = 100;
        Checked(SetParameter(context.Handle, windowLogMax, log));
    }

    /// <summary>Decodes as much as source and target allow; true where a frame has ended.</summary>
    public static bool Decode(Context context, ReadOnlySpan<byte> source, Span<byte> target, out int consumed, out int written)
    {
        fixed (byte* s = source, d = target)
        {
            var input = new Buffer { Start = s, Size = (nuint)source.Length };
            var output = new Buffer { Start = d, Size = (nuint)target.Length };
            nuint hint = Checked(DecompressStream(context.Handle, &output, &input));
            (consumed, written) = ((int)input.Position, (int)output.Position);
            return hint == 0;
        }
    }

    /// <summary>Begins a frame that is decoded block by block.</summary>
    public static void Begin(Context context) => Checked(DecompressBegin(context.Handle));

    /// <summary>Bytes that the next <see cref="Continue"/> must be given, exactly; 0 behind a frame.</summary>
    public static int NextInput(Context context) => (int)NextSourceSize(context.Handle);

    /// <summary>Decodes the next part of a frame. What its window covers must still be where it was written.</summary>
    /// <returns>Bytes written.</returns>
    public static int Continue(Context context, ReadOnlySpan<byte> source, byte* target, long room)
    {
        fixed (byte* s = source)
        {
            return (int)Checked(DecompressContinue(context.Handle, target, (nuint)room, s, (nuint)source.Length));
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

    private static Context ThreadContext() => _context ??= new Context();

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

    /// <summary>A ZSTD_DCtx: for one thread at a time, and one stream.</summary>
    public sealed class Context : SafeHandle
    {
        public Context()
            : base(0, ownsHandle: true)
        {
            Library.Require();
            SetHandle(CreateDCtx());
            if (IsInvalid)
            {
                throw new ParquetException("zstd found no memory for a decompression context; free memory or use fewer workers");
            }
        }

        public override bool IsInvalid => handle == 0;

        public nint Handle
        {
            get
            {
                ObjectDisposedException.ThrowIf(IsClosed, this);
                return handle;
            }
        }

        protected override bool ReleaseHandle()
        {
            FreeDCtx(handle);
            return true;
        }
    }
}
