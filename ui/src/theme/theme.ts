import {
  createTheme,
  type ActionIconProps,
  type AlertProps,
  type BadgeProps,
  type ButtonProps,
  type MantineColorsTuple,
  type ModalProps,
  type SelectProps,
  type SwitchProps,
  type TooltipProps,
} from "@mantine/core";

const indigo: MantineColorsTuple = [
  "#eef0ff",
  "#dfe3fd",
  "#bcc3f8",
  "#9aa5f3",
  "#7c88ee",
  "#6672e8",
  "#4c59d8",
  "#404cc0",
  "#3640a5",
  "#2c3589",
];

// Greys with a trace of blue.
const gray: MantineColorsTuple = [
  "#f8f9fb",
  "#f1f3f6",
  "#e6e9ef",
  "#d6dbe3",
  "#bcc4d0",
  "#98a2b3",
  "#667085",
  "#4d576a",
  "#333b4b",
  "#1a202c",
];

// Mantine reads the dark scheme's text from 0, borders from 4, surfaces from 6 and the page from 7.
const dark: MantineColorsTuple = [
  "#e4e8ef",
  "#c3cad6",
  "#98a3b5",
  "#6f7b8f",
  "#2a313e",
  "#232936",
  "#191e28",
  "#11151c",
  "#0d1016",
  "#090b10",
];

// The colours of failing and of going well; their sixth shade is read on white, their third on black.
const red: MantineColorsTuple = [
  "#fdeced",
  "#fad7d9",
  "#f4b0b4",
  "#ff8f93",
  "#e4595f",
  "#d03f45",
  "#bd2a30",
  "#a32329",
  "#871c21",
  "#6d161a",
];

const green: MantineColorsTuple = [
  "#e4f5ec",
  "#c9ead8",
  "#98d8b6",
  "#5fd39d",
  "#2f9e6c",
  "#1f8a5a",
  "#14744a",
  "#11643f",
  "#0d5134",
  "#0a4029",
];

const control = { defaultProps: { size: "sm" } };

// Only types of components are imported: their code comes with the pages that show them, not with the first view.
const defaults = <Props>(defaultProps: Partial<Props>) => ({ defaultProps });

/** The console's look: one accent, hairlines instead of shadows, an 8 px rhythm. Both schemes' tokens are in tokens.css. */
export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: { light: 6, dark: 6 },
  colors: { indigo, gray, dark, red, green },
  autoContrast: true,
  defaultRadius: "md",
  radius: { xs: "3px", sm: "4px", md: "6px", lg: "8px", xl: "12px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
  fontSizes: { xs: "12px", sm: "14px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.4" },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "22px", lineHeight: "1.3" },
      h2: { fontSize: "16px", lineHeight: "1.4" },
      h3: { fontSize: "14px", lineHeight: "1.4" },
    },
  },
  shadows: { xs: "none", sm: "none", md: "0 4px 16px rgb(16 24 40 / 10%)", lg: "0 8px 24px rgb(16 24 40 / 12%)" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { ...defaults<ButtonProps>({ size: "sm" }), styles: { label: { fontWeight: 550 } } },
    ActionIcon: defaults<ActionIconProps>({ variant: "subtle", color: "gray", size: "md" }),
    Alert: defaults<AlertProps>({ variant: "light", radius: "md" }),
    Badge: {
      ...defaults<BadgeProps>({ variant: "light", radius: "sm" }),
      styles: { root: { textTransform: "none", fontWeight: 550 } },
    },
    Modal: defaults<ModalProps>({ centered: true, overlayProps: { backgroundOpacity: 0.35 } }),
    Tooltip: defaults<TooltipProps>({
      openDelay: 250,
      withArrow: false,
      events: { hover: true, focus: true, touch: false },
    }),
    TextInput: control,
    PasswordInput: control,
    NumberInput: control,
    Textarea: control,
    TagsInput: control,
    Select: defaults<SelectProps>({ size: "sm", checkIconPosition: "right", allowDeselect: false }),
    SegmentedControl: control,
    Switch: defaults<SwitchProps>({ size: "sm" }),
  },
});
