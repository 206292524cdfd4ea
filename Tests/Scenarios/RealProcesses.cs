namespace PiGrid.Tests.Scenarios;

/// <summary>Tests that start many processes run one after the other, so that they share the machine with nothing else.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealProcesses
{
    /// <summary>The collection's name.</summary>
    public const string Name = "real processes";
}

/// <summary>A fact that reads <c>/proc</c> and sends signals.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "it reads /proc, which is Linux's";
}
