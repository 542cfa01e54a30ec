namespace DistributedLoss.Parquet.Sources;

/// <summary>Where the bytes of a file are, if not on a disk of this machine: positioned reads, from the threads of one reader at a time.</summary>
public interface IByteSource : IDisposable
{
    /// <summary>Bytes in the file; the same for as long as the source is open, or reads fail.</summary>
    long Length { get; }

    /// <summary>When it was last written; null where nobody says.</summary>
    DateTimeOffset? Modified { get; }

    /// <summary>Tells two contents under one name apart (HTTP: the entity tag); null where nobody says.</summary>
    string? Version { get; }

    /// <summary>Fills <paramref name="destination"/> from the byte <paramref name="offset"/> on, which is all inside the file.</summary>
    /// <exception cref="ParquetException">The place refuses the file, or has another by now.</exception>
    /// <exception cref="IOException">The bytes cannot be had at this time.</exception>
    /// <exception cref="OperationCanceledException">Whoever opened the source waits no longer.</exception>
    void Read(long offset, Span<byte> destination);

    /// <summary>A part of the file that is about to be read from front to back, with few jumps; null where reading ahead is not worth it.</summary>
    IByteRange? OpenRange(long offset, long bytes);
}

/// <summary>A part of a file whose bytes are fetched before they are asked for. Disposed when no more are.</summary>
public interface IByteRange : IDisposable
{
    /// <summary>Whether bytes of the file are inside the part.</summary>
    bool Covers(long offset, int bytes);

    /// <inheritdoc cref="IByteSource.Read"/>
    void Read(long offset, Span<byte> destination);
}
