using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>The bits of the platform's transcendental functions differ between machines and widths: none may stand in the sources.</summary>
public partial class OwnArithmeticTests
{
    [Fact]
    public void No_foreign_exp_log_or_estimate_is_called()
    {
        string[] files = Directory.GetFiles(Sources(), "*.cs", SearchOption.AllDirectories);
        Assert.True(files.Length > 10);
        foreach (string file in files.Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)))
        {
            Match match = Foreign().Match(File.ReadAllText(file));
            Assert.False(match.Success, $"{file} calls {match.Value}");
        }
    }

    [Theory]
    [InlineData("Math.Exp(x)")]
    [InlineData("MathF.Log1P(x)")]
    [InlineData("double.LogP1(x)")]
    [InlineData("Vector512.Exp(x)")]
    [InlineData("TensorPrimitives.Sum(x)")]
    [InlineData("Vector256.MultiplyAddEstimate(a, b, c)")]
    [InlineData("Vector128.MaxNative(a, b)")]
    public void The_scan_would_see_them(string call) => Assert.Matches(Foreign(), call);

    [GeneratedRegex(
        @"\b(Math|MathF|double|float|Vector(64|128|256|512)?(<\w+>)?)\s*\.\s*(Exp|Log|Pow|Cbrt|Sin|Cos|Tan|Asin|Acos|Atan|Sinh|Cosh|Tanh)\w*\s*\(|TensorPrimitives|\w(Estimate|Native)\s*\(|Reciprocal\w*\s*\(")]
    private static partial Regex Foreign();

    private static string Sources([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "src", "DistributedLoss.Numerics"));
}
