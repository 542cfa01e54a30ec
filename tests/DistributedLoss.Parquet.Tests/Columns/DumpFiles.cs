using System.Collections.Concurrent;
using DistributedLoss.Parquet.Tests.Writing;

namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>The dumps of <see cref="Dump.All"/> on disk, each written when it is first asked for.</summary>
public sealed class DumpFiles : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dloss").FullName;
    private readonly ConcurrentDictionary<string, (Dump Dump, string Path)> _written = new();

    internal (Dump Dump, string Path) this[string name] => _written.GetOrAdd(name, _ =>
    {
        var dump = Dump.All.Single(d => d.Name == name);
        var path = Path.Combine(_directory, name + ".parquet");
        dump.Write(path);
        return (dump, path);
    });

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
