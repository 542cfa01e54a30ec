using DistributedLoss.Cli.Configuration;
using Serilog.Events;

namespace DistributedLoss.Cli.Tests.Configuration;

public sealed class DlossConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_file_that_is_shipped_says_what_is_built_in()
    {
        var shipped = Load(Repository.File("config/dloss.json"));
        var builtIn = Load(_folder.Write("empty.json", "{}"));
        Assert.Equal(builtIn.Level("text", LogEventLevel.Warning), shipped.Level("text", LogEventLevel.Fatal));
        Assert.Equal(builtIn.Level("textFile", LogEventLevel.Information), shipped.Level("textFile", LogEventLevel.Fatal));
        Assert.Equal(builtIn.Level("json", LogEventLevel.Debug), shipped.Level("json", LogEventLevel.Fatal));
        Assert.Equal(builtIn.Workers, shipped.Workers);
        Assert.Equal(builtIn.ProgressInterval, shipped.ProgressInterval);
        Assert.Empty(shipped.Serilog);
    }

    [Fact]
    public void Environment_variables_go_before_the_file()
    {
        string file = _folder.Write("c.json", """{ "engine": { "workers": 3, "progressSeconds": 2, }, /* why */ "logging": { "level": { "text": "error" } } }""");
        var configuration = Load(file, ("DLOSS_engine__workers", "7"), ("DLOSS_Logging__Level__Text", "debug"));
        Assert.Equal(7, configuration.Workers);
        Assert.Equal(TimeSpan.FromSeconds(2), configuration.ProgressInterval);
        Assert.Equal(LogEventLevel.Debug, configuration.Level("text", LogEventLevel.Fatal));
    }

    [Fact]
    public void The_Serilog_section_is_kept_as_it_is()
    {
        string file = _folder.Write("c.json", """{ "Serilog": { "WriteTo": [ { "Name": "File", "Args": { "path": "a.log" } } ] } }""");
        var section = Load(file, ("DLOSS_Serilog__MinimumLevel", "Debug")).Serilog;
        Assert.Equal("File", section["Serilog:WriteTo:0:Name"]);
        Assert.Equal("a.log", section["Serilog:WriteTo:0:Args:path"]);
        Assert.Equal("Debug", section["Serilog:MinimumLevel"]);
    }

    [Theory]
    [InlineData("unknown setting 'engine.wrokers'", """{ "engine": { "wrokers": 3 } }""")]
    [InlineData("not valid JSON at line 2", "{\n \"engine\": }")]
    [InlineData("one JSON object", "[]")]
    public void A_file_that_says_what_nothing_reads_is_refused_by_name(string expected, string json)
    {
        string file = _folder.Write("c.json", json);
        var refused = Assert.Throws<CliException>(() => Load(file));
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.StartsWith($"{file}: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_out_of_range_are_refused()
    {
        Assert.Throws<CliException>(() => Load(_folder.Write("a.json", """{ "engine": { "workers": -1 } }""")).Workers);
        Assert.Throws<CliException>(() => Load(_folder.Write("b.json", """{ "engine": { "progressSeconds": 0 } }""")).ProgressInterval);
        Assert.Throws<CliException>(() => Load(_folder.Write("c.json", """{ "logging": { "level": { "text": "loud" } } }""")).Level("text", LogEventLevel.Fatal));
        Assert.Throws<CliException>(() => Load(_folder["missing.json"]));
    }

    private static DlossConfiguration Load(string file, params (string Name, string Value)[] variables)
    {
        var all = variables.ToDictionary(v => v.Name, v => v.Value);
        all[DlossConfiguration.FileVariable] = file;
        return DlossConfiguration.Load(new CliConsole { Out = Stream.Null, Error = TextWriter.Null, Variables = all });
    }
}
