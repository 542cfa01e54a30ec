using System.Globalization;
using System.Text;

namespace DistributedLoss.Cli.Logging;

/// <summary>Names of files and columns come from outside: control characters in them must neither break a line nor reach a terminal.</summary>
internal static class OneLine
{
    public static string Of(string text)
    {
        if (!text.Any(MustEscape))
        {
            return text;
        }

        var line = new StringBuilder(text.Length + 16);
        foreach (char c in text)
        {
            _ = c switch
            {
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                '\t' => line.Append("\\t"),
                _ when MustEscape(c) => line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => line.Append(c),
            };
        }

        return line.ToString();
    }

    private static bool MustEscape(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';
}
