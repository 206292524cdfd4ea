namespace Orleans {
    /// <summary>A grain that can be woken by reminders: durable timers that survive restarts and wake it when it is not active.</summary>
    public interface IRemindable : IGrain {
        Task ReceiveReminder(string reminderName, TickStatus status);
    }

    /// <summary>A grain's reminders.</summary>
    public static class GrainReminderExtensions {
        /// <exception cref="ArgumentException">The period is below ReminderOptions.MinimumReminderPeriod.</exception>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(
            this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period) => grain is IRemindable
            ? Registry(grain).RegisterOrUpdateReminder(grain.GrainContext.GrainId, reminderName, dueTime, period)
            : throw new InvalidOperationException(
                $"Grain {grain.GrainContext.GrainId} is not '{nameof(IRemindable)}'. A grain should implement it to use reminders.");

        public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) =>
            Registry(grain).UnregisterReminder(grain.GrainContext.GrainId, reminder);

        public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName) =>
            Registry(grain).GetReminder(grain.GrainContext.GrainId, reminderName);

        public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain) =>
            Registry(grain).GetReminders(grain.GrainContext.GrainId);

        private static IReminderRegistry Registry(IGrainBase grain) =>
            grain.GrainContext.ActivationServices.GetRequiredService<IReminderRegistry>();
    }
}

namespace Orleans.Runtime {
    /// <summary>A registered reminder.</summary>
    public interface IGrainReminder {
        string ReminderName { get; }
    }

    [GenerateSerializer, Immutable]
    public readonly struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp) {
        [Id(0)] public DateTime FirstTickTime { get; } = firstTickTime;

        [Id(1)] public TimeSpan Period { get; } = period;

        [Id(2)] public DateTime CurrentTickTime { get; } = timeStamp;

        public override string ToString() => $"<{FirstTickTime}, {Period}, {CurrentTickTime}>";
    }
}

namespace Orleans.Timers {
    /// <summary>Registers reminders.</summary>
    public interface IReminderRegistry {
        Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period);
        Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder);
        Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName);
        Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId);
    }
}
