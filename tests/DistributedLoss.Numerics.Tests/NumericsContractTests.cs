using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace DistributedLoss.Numerics.Tests;

public partial class NumericsContractTests
{
    [Fact]
    public void Every_test_that_the_contract_names_exists()
    {
        var tests = Assembly.GetExecutingAssembly().GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")
            .ToHashSet();
        var named = TestName().Matches(File.ReadAllText(Contract())).Select(match => match.Value).ToArray();
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(tests));
    }

    private static string Contract([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "numerics.md");

    [GeneratedRegex(@"(?<=`)\w+Tests\.\w+(?=`)")]
    private static partial Regex TestName();
}
