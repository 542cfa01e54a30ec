using System.Globalization;
using System.Text.RegularExpressions;

namespace DistributedLoss.Remote.Tests.Servers;

/// <summary>A request as it came.</summary>
/// <param name="Number">0 for the server's first.</param>
/// <param name="Target">Path and query.</param>
/// <param name="Headers">Names in lower case.</param>
internal sealed partial record Question(int Number, string Method, string Target, IReadOnlyDictionary<string, string> Headers)
{
    public string? this[string header] => Headers.GetValueOrDefault(header);

    /// <summary>The bytes that are asked for of a file of that length; null where all of it is.</summary>
    public (long First, long Last)? Range(long length)
    {
        if (this["range"] is not { } text || RangeHeader().Match(text) is not { Success: true } match)
        {
            return null;
        }

        string first = match.Groups[1].Value, last = match.Groups[2].Value;
        return first.Length == 0
            ? (Math.Max(0, length - Number0(last)), length - 1)
            : (Number0(first), Math.Min(length - 1, last.Length == 0 ? long.MaxValue : Number0(last)));

        static long Number0(string digits) => long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("^bytes=([0-9]*)-([0-9]*)$")]
    private static partial Regex RangeHeader();
}
