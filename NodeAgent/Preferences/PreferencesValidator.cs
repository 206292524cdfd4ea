using PiGrid.Inference.Sessions;

namespace PiGrid.NodeAgent.Preferences;

/// <summary>Checks what a volunteer wrote; reports everything that is wrong at once.</summary>
internal static class PreferencesValidator
{
    private const int ListMax = 64;

    /// <summary>What is wrong, by field; empty when nothing is.</summary>
    public static IReadOnlyList<FieldError> Validate(VolunteerPreferences preferences)
    {
        List<FieldError> errors = [];
        Range(errors, "cpus_max", preferences.CpusMax, 0, 4096);
        Range(errors, "memory_mib_max", preferences.MemoryMibMax, 0, 16 << 20);
        Range(errors, "idle_load_max", preferences.IdleLoadMax, 0.01, 1);
        Range(errors, "temperature_c_max", preferences.TemperatureCMax, 0, 150);
        Range(errors, "disk_mib_max", preferences.DiskMibMax, 16, 1 << 30);
        Range(errors, "bandwidth_kib_max", preferences.BandwidthKibMax, 0, 1 << 30);
        Range(errors, "drain_seconds", preferences.DrainSeconds, 0, 3600);
        Range(errors, "price", preferences.Price, 0, 1_000_000_000_000);
        Each(errors, "hours", preferences.Hours, h => HoursOfDay.Parse(h) is not null, "is no span of hours such as 22:00-07:00");
        Each(errors, "categories", preferences.Categories, c => c is { Length: > 0 and <= 100 }, "is no category such as vision: write 1 to 100 characters");
        Each(
            errors, "providers", preferences.Providers, p => p is not null && ExecutionProviders.Parse(p) is not null,
            $"is no provider: choose of {string.Join(", ", ExecutionProviders.All.Select(ExecutionProviders.NameOf))}");
        if (preferences.Providers.Count == 0)
        {
            errors.Add(new("providers", "empty", "names no provider: write at least cpu"));
        }

        if (preferences.Region is not { Length: > 0 and <= 100 } || preferences.Region.Any(char.IsControl))
        {
            errors.Add(new("region", "invalid", "has 1 to 100 characters, such as eu-west"));
        }

        return errors;
    }

    private static void Range(List<FieldError> errors, string field, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            errors.Add(new(field, "out_of_range", FormattableString.Invariant($"is {value}, but must be {least} to {most}")));
        }
    }

    private static void Each(List<FieldError> errors, string field, IReadOnlyList<string> values, Func<string?, bool> isValid, string problem)
    {
        if (values.Count > ListMax)
        {
            errors.Add(new(field, "too_many", $"has {values.Count} entries, but at most {ListMax} are taken"));
        }

        for (var i = 0; i < values.Count; i++)
        {
            if (!isValid(values[i]))
            {
                errors.Add(new($"{field}[{i}]", "invalid", $"'{values[i]}' {problem}"));
            }
        }
    }
}
