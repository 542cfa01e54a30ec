using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace DistributedLoss.Reports.Html;

/// <summary>
/// Markup as interpolated strings: what stands in a string is markup, what stands in a hole is text, and is escaped, in elements and in quoted attributes alike.
/// Only a hole of type <see cref="Markup"/> is written as it is. There is no way to write a string that is no literal unescaped by mistake.
/// </summary>
public sealed class HtmlWriter
{
    private readonly StringBuilder _text = new();

    public void Write(Pieces markup) => _text.Append(markup.Text);

    /// <summary>What was written, to stand in a hole elsewhere.</summary>
    public Markup ToMarkup() => new(_text.ToString());

    /// <summary>What the compiler makes of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Pieces
    {
        public Pieces(int literalLength, int holes) => Text = new StringBuilder(literalLength + (16 * holes));

        internal StringBuilder Text { get; }

        public void AppendLiteral(string markup) => Text.Append(markup);

        public void AppendFormatted(Markup markup) => Text.Append(markup.Text);

        public void AppendFormatted(int number) => Text.Append(CultureInfo.InvariantCulture, $"{number}");

        public void AppendFormatted(long number) => Text.Append(CultureInfo.InvariantCulture, $"{number}");

        /// <summary>
        /// Control characters become visible, so that no name can hide, end a line, or turn the direction of what follows it. What is no Unicode (half a
        /// surrogate pair) is replaced when the page becomes UTF-8.
        /// </summary>
        public void AppendFormatted(string? text)
        {
            foreach (char c in text ?? "")
            {
                _ = c switch
                {
                    '&' => Text.Append("&amp;"),
                    '<' => Text.Append("&lt;"),
                    '>' => Text.Append("&gt;"),
                    '"' => Text.Append("&quot;"),
                    '\'' => Text.Append("&#39;"),
                    < ' ' => Text.Append((char)('\u2400' + c)),
                    '\u007f' => Text.Append('\u2421'),
                    _ when char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') => Text.Append('\ufffd'),
                    _ => Text.Append(c),
                };
            }
        }
    }
}
