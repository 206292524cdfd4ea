namespace PiGrid.NodeAgent.Preferences;

/// <summary>How the machine is, as far as preferences look at it.</summary>
/// <param name="LoadByOthers">Processors that other programs keep busy over all, 0 to 1.</param>
/// <param name="TemperatureC">The processor's temperature, where it can be read.</param>
internal readonly record struct MachineState(double LoadByOthers, double? TemperatureC);

/// <summary>Whether the volunteer's preferences let work in now.</summary>
internal static class PauseRules
{
    // Once paused, the machine must be clearly better before work comes back, or it would flicker around the limit.
    private const double ResumeLoad = 0.8, ResumeDegrees = 5;

    /// <summary>Why no work is let in now; null when it is.</summary>
    /// <param name="preferences">The preferences.</param>
    /// <param name="localTime">The time of day where the machine is.</param>
    /// <param name="machine">How the machine is.</param>
    /// <param name="wasPaused">Whether work was not let in until now.</param>
    public static string? Reason(VolunteerPreferences preferences, TimeOnly localTime, MachineState machine, bool wasPaused)
    {
        if (preferences.Hours.Count > 0 && !preferences.Hours.Any(h => HoursOfDay.Parse(h)!.Value.Contains(localTime)))
        {
            return $"outside the volunteer's hours ({string.Join(", ", preferences.Hours.Take(4))})";
        }

        var load = preferences.IdleLoadMax * (wasPaused ? ResumeLoad : 1);
        if (preferences.OnlyWhenIdle && machine.LoadByOthers > load)
        {
            return FormattableString.Invariant($"the computer is in use (other programs keep {machine.LoadByOthers:P0} of it busy)");
        }

        var degrees = preferences.TemperatureCMax - (wasPaused ? ResumeDegrees : 0);
        return preferences.TemperatureCMax > 0 && machine.TemperatureC > degrees
            ? FormattableString.Invariant($"the processor is too hot ({machine.TemperatureC:0} °C)")
            : null;
    }
}
