using System.Globalization;

namespace DistributedLoss.Remote.Tests.Servers;

/// <summary>What goes wrong while an answer is sent.</summary>
internal enum Fault
{
    None,

    /// <summary>The connection ends as if all were said.</summary>
    Cut,

    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>Nothing more comes, and the connection stays.</summary>
    Stall,

    /// <summary>A byte now and then.</summary>
    Drip,
}

/// <summary>What a server says, true or not.</summary>
/// <param name="After">Bytes of the body before the fault.</param>
internal sealed record Answer(int Status, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body, Fault Fault = Fault.None, int After = 0)
{
    public const string ETag = "\"one\"";

    public const string LastModified = "Sat, 21 Nov 2026 10:00:00 GMT";

    /// <summary>The right one.</summary>
    public static Answer To(Question question, byte[] file)
    {
        if (question.Range(file.Length) is not { } range)
        {
            return Of(200, file);
        }

        return range.First > range.Last
            ? Of(416).With("Content-Range", $"bytes */{file.Length}")
            : Of(206, file.AsMemory((int)range.First, (int)(range.Last - range.First + 1)))
                .With("Content-Range", $"bytes {range.First}-{range.Last}/{file.Length}");
    }

    public static Answer Of(int status, ReadOnlyMemory<byte> body = default) => new(
        status,
        new Dictionary<string, string>
        {
            ["ETag"] = ETag,
            ["Last-Modified"] = LastModified,
            ["Content-Length"] = body.Length.ToString(CultureInfo.InvariantCulture),
        },
        body);

    public Answer With(string header, string? value)
    {
        var headers = new Dictionary<string, string>(Headers);
        headers.Remove(header);
        if (value is not null)
        {
            headers[header] = value;
        }

        return this with { Headers = headers };
    }

    public Answer Failing(Fault fault, int after) => this with { Fault = fault, After = Math.Min(after, Body.Length) };
}
