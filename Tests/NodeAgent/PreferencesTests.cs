using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using PiGrid.NodeAgent;
using PiGrid.NodeAgent.Preferences;
using PiGrid.NodeAgent.Probing;
using PiGrid.NodeAgent.Session;

namespace PiGrid.Tests.NodeAgent;

/// <summary>What a volunteer writes, and the rules that follow from it.</summary>
public sealed class PreferencesTests
{
    [Fact]
    public void Template_IsValidAndMeansTheDefaults()
    {
        var read = PreferencesFile.Read(PreferencesFile.Template(), out var problem);

        Assert.Null(problem);
        var defaults = new VolunteerPreferences();
        Assert.Equal(defaults with { Hours = read!.Hours, Categories = read.Categories, Providers = read.Providers }, read);
        Assert.Equal(defaults.Providers, read.Providers);
        Assert.Empty(read.Hours);
    }

    [Theory]
    [InlineData("""{ "cpus_max": -1 }""", "cpus_max")]
    [InlineData("""{ "disk_mib_max": 1, "idle_load_max": 7 }""", "idle_load_max")]
    [InlineData("""{ "hours": ["25:00-07:00"] }""", "hours[0]")]
    [InlineData("""{ "providers": ["abacus"] }""", "providers[0]")]
    [InlineData("""{ "providers": [] }""", "providers")]
    [InlineData("""{ "regoin": "eu" }""", "regoin")]
    [InlineData("""{ "price": -1 }""", "price")]
    [InlineData("""{ "price": 0.5 }""", "price")]
    [InlineData("""{ "cpus_max": "two" }""", "cpus_max")]
    [InlineData("""{ "cpus_max": """, "line 1")]
    [InlineData("null", "$")]
    public void File_WhenNotValid_NamesTheField(string text, string field)
    {
        Assert.Null(PreferencesFile.Read(Encoding.UTF8.GetBytes(text), out var problem));
        Assert.Contains(field, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void File_WhenItBecomesInvalid_KeepsTheLastGoodOnes_AndAtStartRefuses()
    {
        var path = Path.Combine(Directory.CreateDirectory(AgentRun.NewFolder()).FullName, "p.json");
        File.WriteAllText(path, """{ "cpus_max": 3 }""");
        var file = PreferencesFile.Open(path, NullLogger.Instance);
        File.WriteAllText(path, """{ "cpus_max": 300000 }""");

        Assert.False(file.Refresh());
        Assert.Equal(3, file.Current.CpusMax);
        Assert.Equal(ExitCode.BadUsage, Assert.Throws<AgentException>(() => PreferencesFile.Open(path, NullLogger.Instance)).Code);
        File.WriteAllText(path, """{ "cpus_max": 4 } // better""");
        Assert.True(file.Refresh());
        Assert.Equal(4, file.Current.CpusMax);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Theory]
    [InlineData("22:00-07:00", "23:30", true)]
    [InlineData("22:00-07:00", "06:59", true)]
    [InlineData("22:00-07:00", "07:00", false)]
    [InlineData("09:00-17:00", "08:59", false)]
    [InlineData("09:00-17:00", "09:00", true)]
    [InlineData("18:00-24:00", "23:59", true)]
    [InlineData("18:00-24:00", "00:00", false)]
    [InlineData("00:00-24:00", "12:00", true)]
    public void Hours_LetWorkInWithinThemAlone(string hours, string time, bool open)
    {
        var preferences = new VolunteerPreferences { Hours = [hours] };
        var reason = PauseRules.Reason(preferences, TimeOnly.Parse(time, null), default, wasPaused: false);
        Assert.Equal(open, reason is null);
    }

    [Theory]
    [InlineData(0.10, false, false)]
    [InlineData(0.30, false, true)]
    [InlineData(0.22, false, false)]
    [InlineData(0.22, true, true)]
    [InlineData(0.19, true, false)]
    public void Idleness_HasTwoThresholds_SoThatWorkDoesNotFlicker(double load, bool wasPaused, bool paused)
    {
        var preferences = new VolunteerPreferences { OnlyWhenIdle = true, IdleLoadMax = 0.25 };
        Assert.Equal(paused, PauseRules.Reason(preferences, default, new(load, null), wasPaused) is not null);
    }

    [Theory]
    [InlineData(79.0, false, false)]
    [InlineData(81.0, false, true)]
    [InlineData(77.0, true, true)]
    [InlineData(74.0, true, false)]
    [InlineData(null, false, false)]
    public void Heat_PausesWork(double? degrees, bool wasPaused, bool paused)
    {
        var preferences = new VolunteerPreferences { TemperatureCMax = 80 };
        Assert.Equal(paused, PauseRules.Reason(preferences, default, new(0, degrees), wasPaused) is not null);
    }

    [Fact]
    public void Provider_WhenThePreferredOneFails_FallsBackAndSaysWhy()
    {
        ProviderProbe[] probes = [new("cpu", true, null), new("cuda", false, "no device"), new("webgpu", true, null)];

        Assert.Equal(("cpu", null), ProviderChoice.Choose(["cpu", "cuda"], probes));
        Assert.Equal(("webgpu", "cuda: no device"), ProviderChoice.Choose(["cuda", "webgpu"], probes));
        Assert.Equal(("cpu", "cuda: no device"), ProviderChoice.Choose(["cuda"], probes));
    }

    [Fact]
    public void BackOff_GrowsToItsLimitAndSpreads()
    {
        var backOff = new BackOff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));

        Assert.Equal(TimeSpan.FromSeconds(0.5), backOff.After(1, 0));
        Assert.Equal(TimeSpan.FromSeconds(4), backOff.After(3, 1));
        Assert.Equal(TimeSpan.FromSeconds(60), backOff.After(1000, 1));
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(45, false)]
    [InlineData(600, true)]
    public void Sleep_IsNoticedByTheClock(int seconds, bool slept) =>
        Assert.Equal(slept, SleepRules.Slept(TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(10)));
}
