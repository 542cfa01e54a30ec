using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using DistributedLoss.Codecs;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Metadata;

// dloss-codecs REPETITIONS FILE...: one line of JSON a file, seconds for all its pages on one thread, from memory into one reused buffer:
// by the codec's own library, and by the decoders of src/DistributedLoss.Parquet. The two take turns.
if (args.Length < 2 || !int.TryParse(args[0], out int repetitions) || repetitions < 1)
{
    Console.Error.WriteLine("usage: dloss-codecs REPETITIONS FILE...");
    return 2;
}

foreach (string path in args[1..])
{
    try
    {
        Console.WriteLine(Measure(path));
    }
    catch (Exception e) when (e is ParquetException or DllNotFoundException or InvalidDataException)
    {
        Console.Error.WriteLine($"{path}: {e.Message}");
        return 3;
    }
}

return 0;

unsafe string Measure(string path)
{
    using var file = new StoredFile(path);
    var pages = file.Pages.Where(page => page.Codec != CompressionCodec.Uncompressed && page.Bytes > 0).ToArray();
    var codec = pages.Select(page => page.Codec).Distinct().SingleOrDefault();
    if (pages.Any(page => page.Codec != codec))
    {
        throw new InvalidDataException("its columns have several codecs; time files of one");
    }

    using var library = NativeDecoder.For(codec);
    int largest = pages.Select(page => page.Bytes).DefaultIfEmpty().Max();
    byte* target = (byte*)NativeMemory.AlignedAlloc((nuint)largest + 64, 64);
    var native = new List<double>();
    var own = new List<double>();
    try
    {
        // The first round warms caches, code and the target's pages of memory.
        for (int i = 0; i <= repetitions; i++)
        {
            native.Add(Time(() => Array.ForEach(pages, page => ByLibrary(page))));
            own.Add(Time(() => Array.ForEach(pages, page => ByOwn(page))));
        }
    }
    finally
    {
        NativeMemory.AlignedFree(target);
    }

    return JsonSerializer.Serialize(new
    {
        file = Path.GetFileName(path),
        codec = codec.ToString(),
        library = library?.Library,
        pages = pages.Length,
        storedBytes = pages.Sum(page => (long)page.StoredBytes),
        bytes = pages.Sum(page => (long)page.Bytes),
        largestPage = largest,
        librarySeconds = library is null ? null : Median(native),
        ownSeconds = Median(own),
    });

    void ByLibrary(in StoredPage page)
    {
        if (library is not null && library.Decompress(file.Start(page), page.StoredBytes, target, page.Bytes) != page.Bytes)
        {
            throw new InvalidDataException($"{library.Library} refuses the page at byte {page.Offset}");
        }
    }

    void ByOwn(in StoredPage page) => DistributedLoss.Parquet.Compression.Codecs.Decompress(
        codec, new ReadOnlySpan<byte>(file.Start(page), page.StoredBytes), new Span<byte>(target, page.Bytes));
}

static double Time(Action work)
{
    long began = Stopwatch.GetTimestamp();
    work();
    return Stopwatch.GetElapsedTime(began).TotalSeconds;
}

static double? Median(List<double> seconds)
{
    double[] warm = [.. seconds.Skip(1).Order()];
    return (warm[(warm.Length - 1) / 2] + warm[warm.Length / 2]) / 2;
}
