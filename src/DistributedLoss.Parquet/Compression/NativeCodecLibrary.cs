using System.Runtime.InteropServices;

namespace DistributedLoss.Parquet.Compression;

/// <summary>A system library with a codec in it, loaded by the first of its names that the system knows.</summary>
internal sealed class NativeCodecLibrary
{
    private readonly string _name;
    private readonly string _package;
    private readonly nint _handle;
    private string? _missingExport;

    /// <param name="name">The library's name for people.</param>
    /// <param name="package">What to install on Debian.</param>
    /// <param name="candidates">File names to try, in order.</param>
    public NativeCodecLibrary(string name, string package, IEnumerable<string> candidates)
    {
        _name = name;
        _package = package;
        foreach (string candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out _handle))
            {
                return;
            }
        }
    }

    /// <summary>The library's file names on Linux, macOS (system, Homebrew on Arm and on Intel) and Windows.</summary>
    public static IEnumerable<string> Candidates(string stem, int version)
    {
        if (OperatingSystem.IsWindows())
        {
            return [$"lib{stem}.dll", $"{stem}.dll"];
        }
        if (OperatingSystem.IsMacOS())
        {
            string file = $"lib{stem}.{version}.dylib";
            return [file, $"/opt/homebrew/lib/{file}", $"/usr/local/lib/{file}"];
        }
        return [$"lib{stem}.so.{version}", $"lib{stem}.so"];
    }

    /// <summary>The address of a function, or 0; <see cref="Require"/> comes before any call.</summary>
    public nint Export(string function)
    {
        nint address = OptionalExport(function);
        if (address == 0)
        {
            _missingExport ??= function;
        }
        return address;
    }

    /// <summary>The address of a function that can be done without, or 0.</summary>
    public nint OptionalExport(string function) =>
        _handle != 0 && NativeLibrary.TryGetExport(_handle, function, out nint address) ? address : 0;

    /// <exception cref="ParquetException">The library, or a function in it, is missing.</exception>
    public void Require()
    {
        if (_handle == 0)
        {
            throw new ParquetException($"the system has no {_name} library; install it (Debian: apt-get install {_package})");
        }
        if (_missingExport is not null)
        {
            throw new ParquetException($"the system's {_name} library is too old, it lacks {_missingExport}; upgrade it (Debian: {_package})");
        }
    }
}
